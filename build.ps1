<#
.SYNOPSIS
Builds, tests and packs the PowerShell module ImapMigration.
.DESCRIPTION
Build makes out/ImapMigration, ready for Import-Module: the module in one file, the library and the worker. The other tasks:
Demo         runs the documented runbook in PowerShell against a sample server
Test         runs Pester (the tests that need mail servers run by: cargo test -p imapmig-tests --test pester)
Lint         runs PSScriptAnalyzer
Package      packs out/ImapMigration for the PowerShell Gallery and as a zip file, on Linux also the program as tarball and .deb, with checksums and SBOM
Publish      publishes the module to the PowerShell Gallery with the key in PSGALLERY_API_KEY; without one, only says so
ThirdParty   writes third-party.md
Bench        measures the engine beside other programs
MeasureImport prints how long Import-Module, the first cmdlet and long lists take, in fresh processes
Docs         writes docs/cmdlets from the help in the module's source
Clean        removes out
.PARAMETER Task
What to do; several are done in order.
.PARAMETER Configuration
Release, or Debug for a quick build of the library.
.PARAMETER Binaries
A folder with libraries and workers that were built elsewhere, in <os>-<arch> each: they become part of the module, and what it has for this system
is not built again.
.PARAMETER Destination
Where the module and the packages go; out unless given.
.EXAMPLE
./build.ps1
.EXAMPLE
./build.ps1 -Task Build, Test -Configuration Debug
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Demo', 'Test', 'Lint', 'Package', 'Publish', 'ThirdParty', 'Bench', 'MeasureImport', 'Docs', 'Clean')]
    [string[]] $Task = 'Build',

    [Parameter()]
    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release',

    [Parameter()]
    [string] $Binaries,

    [Parameter()]
    [string] $Destination
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'

$root = $PSScriptRoot
$source = [IO.Path]::Combine($root, 'ps-module', 'ImapMigration')
$packages = [IO.Path]::Combine($root, 'out')
if ($Destination) { $packages = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Destination) }
$out = [IO.Path]::Combine($packages, 'ImapMigration')
$script:Built = $false

function Invoke-Program {
    # Runs a program, and ends the build when it fails.
    param([string] $Program, [string[]] $Arguments)

    & $Program @Arguments
    if ($LASTEXITCODE -ne 0) { throw "$Program $($Arguments -join ' ') ended with $LASTEXITCODE" }
}

function Get-Platform {
    # The folder's name for this system, and how its files are called.
    $os, $library, $built, $worker = 'win', 'imapmig.dll', 'imapmig.dll', 'imapmig.exe'
    if ($PSVersionTable.PSEdition -eq 'Core' -and -not $IsWindows) {
        $os, $library, $built, $worker = 'linux', 'imapmig.so', 'libimapmig.so', 'imapmig'
        if ($IsMacOS) { $os, $library, $built = 'osx', 'imapmig.dylib', 'libimapmig.dylib' }
    }
    $architecture = "$([Runtime.InteropServices.RuntimeInformation]::ProcessArchitecture)".ToLowerInvariant()
    [pscustomobject]@{ Folder = "$os-$architecture"; Library = $library; Built = $built; Worker = $worker }
}

function Get-CargoFolder {
    # Where cargo leaves what it builds in this configuration.
    $target = [IO.Path]::Combine($root, 'target')
    if ($env:CARGO_TARGET_DIR) { $target = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($env:CARGO_TARGET_DIR) }
    [IO.Path]::Combine($target, $Configuration.ToLowerInvariant())
}

function Write-Module {
    # The module's functions in one file, since dot-sourcing dozens of files is what makes an import slow.
    $head = [IO.File]::ReadAllText([IO.Path]::Combine($source, 'ImapMigration.psm1'))
    $marker = [regex]::Match($head, '(?ms)^foreach \(\$folder in .*?^\}\r?\n')
    if (-not $marker.Success) { throw 'ImapMigration.psm1 has no loop that loads the single files' }
    $functions = foreach ($folder in 'Private', 'Public') {
        foreach ($file in [IO.Directory]::GetFiles([IO.Path]::Combine($source, $folder), '*.ps1') | Sort-Object) {
            [IO.File]::ReadAllText($file)
        }
    }
    $text = $head.Remove($marker.Index, $marker.Length).Insert($marker.Index, ($functions -join "`n"))
    $text = $text -replace '\A#[^\r\n]*\r?\n', "# ImapMigration in one file, written by build.ps1.`n"
    [IO.File]::WriteAllText([IO.Path]::Combine($out, 'ImapMigration.psm1'), $text, [Text.Encoding]::ASCII)
}

function Get-Version {
    # The version that Cargo.toml gives everything.
    [regex]::Match([IO.File]::ReadAllText([IO.Path]::Combine($root, 'Cargo.toml')), '(?m)^version = "(.+)"').Groups[1].Value
}

function Write-Manifest {
    # The manifest with Cargo.toml's version; PowerShell keeps what follows a hyphen apart, and without dots.
    $number, $prerelease = (Get-Version).Split([char[]]'-', 2)
    $text = [IO.File]::ReadAllText([IO.Path]::Combine($source, 'ImapMigration.psd1'))
    $text = $text -replace "(?m)^(    ModuleVersion +=) '.*'", "`$1 '$number'"
    if ($prerelease) { $text = $text -replace '(?m)^(        PSData = @\{)', "`$1`n            Prerelease = '$($prerelease -replace '[^0-9A-Za-z]')'" }
    [IO.File]::WriteAllText([IO.Path]::Combine($out, 'ImapMigration.psd1'), $text, [Text.Encoding]::ASCII)
}

function Copy-Binary {
    # Library and worker into bin/<os>-<arch>: those that were brought, and this system's own.
    $platform = Get-Platform
    $bin = [IO.Path]::Combine($out, 'bin')
    $null = New-Item $bin -ItemType Directory -Force
    if ($Binaries) { Get-ChildItem $Binaries -Directory | Copy-Item -Destination $bin -Recurse }
    $own = [IO.Path]::Combine($bin, $platform.Folder)
    if (Test-Path $own) { return }
    $null = New-Item $own -ItemType Directory
    $cargo = Get-CargoFolder
    Copy-Item ([IO.Path]::Combine($cargo, $platform.Built)) ([IO.Path]::Combine($own, $platform.Library))
    Copy-Item ([IO.Path]::Combine($cargo, $platform.Worker)) $own
}

function Set-Signature {
    # Signs scripts and, on Windows, programs with the certificate whose thumbprint is named; else everything stays unsigned.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'part of the build')]
    param()

    $certificate = if ($env:IMAPMIG_SIGNING_THUMBPRINT -and (Test-Path Cert:)) {
        Get-ChildItem Cert:\CurrentUser\My, Cert:\LocalMachine\My | Where-Object Thumbprint -EQ $env:IMAPMIG_SIGNING_THUMBPRINT | Select-Object -First 1
    }
    if (-not $certificate) { return 'Not signed: IMAPMIG_SIGNING_THUMBPRINT names no certificate of this Windows' }
    $files = Get-ChildItem $out -Recurse -File -Include *.psm1, *.psd1, *.ps1xml, *.dll, *.exe
    $failed = $files | Set-AuthenticodeSignature -Certificate $certificate -HashAlgorithm SHA256 -TimestampServer 'http://timestamp.digicert.com' |
        Where-Object Status -NE Valid
    if ($failed) { throw "not signed: $($failed.Path -join ', ')" }
    "Signed $(@($files).Count) files"
}

function Invoke-Build {
    if ($script:Built) { return }
    $platform = Get-Platform
    if (-not $Binaries -or -not (Test-Path ([IO.Path]::Combine($Binaries, $platform.Folder)))) {
        $arguments = @('build', '--locked', '-p', 'imapmig-ffi', '-p', 'imapmig-cli')
        if ($Configuration -eq 'Release') { $arguments += '--release' }
        Push-Location $root
        try { Invoke-Program 'cargo' $arguments } finally { Pop-Location }
    }

    if (Test-Path $out) { Remove-Item $out -Recurse -Force }
    $null = New-Item $out -ItemType Directory
    Write-Module
    Write-Manifest
    foreach ($item in 'ImapMigration.Format.ps1xml', 'ImapMigration.Types.ps1xml', 'en-US') {
        Copy-Item ([IO.Path]::Combine($source, $item)) $out -Recurse
    }
    Copy-Item ([IO.Path]::Combine($root, 'LICENSE')) $out
    Copy-Binary
    $script:Built = $true
    "Built $out"
}

function Get-PowerShell {
    # This PowerShell's own program, for fresh processes. Installed as a tool of .NET, it runs inside dotnet.
    $program = (Get-Process -Id $PID).Path
    if ([IO.Path]::GetFileNameWithoutExtension($program) -ne 'dotnet') { return $program }
    (Get-Command pwsh -CommandType Application -ErrorAction Stop | Select-Object -First 1).Source
}

function Invoke-Demo {
    Invoke-Build
    $demo = [IO.Path]::Combine($root, 'ps-module', 'Demo.ps1')
    Invoke-Program (Get-PowerShell) @('-NoProfile', '-File', $demo, '-Module', $out)
}

function Invoke-Test {
    Invoke-Build
    if (-not (Get-Module Pester -ListAvailable | Where-Object { $_.Version -ge [version]'5.4' })) {
        throw 'Pester 5.4 or newer is needed: Install-Module Pester -Scope CurrentUser -SkipPublisherCheck'
    }
    $runner = [IO.Path]::Combine($root, 'tests', 'pester', 'Invoke-Tests.ps1')
    Invoke-Program (Get-PowerShell) @('-NoProfile', '-File', $runner, '-Module', $out)
}

function Invoke-Lint {
    if (-not (Get-Module PSScriptAnalyzer -ListAvailable)) {
        throw 'PSScriptAnalyzer is needed: Install-Module PSScriptAnalyzer -Scope CurrentUser'
    }
    $settings = [IO.Path]::Combine($root, 'PSScriptAnalyzerSettings.psd1')
    # Pester's blocks share variables in a way that the first rule cannot see; the others would correct lines that are quoted.
    $notForTests = 'PSUseDeclaredVarsMoreThanAssignments', 'PSUseConsistentWhitespace', 'PSUseCorrectCasing', 'PSAvoidUsingCmdletAliases'
    $found = foreach ($path in 'ps-module', 'tests/pester', 'build.ps1') {
        Invoke-ScriptAnalyzer -Path ([IO.Path]::Combine($root, $path)) -Recurse -Settings $settings |
            Where-Object { $_.ScriptName -notlike '*.Tests.ps1' -or $notForTests -notcontains $_.RuleName }
    }
    if ($found) {
        $found | Format-Table ScriptName, Line, RuleName, Message -AutoSize -Wrap | Out-String -Width 200
        throw "PSScriptAnalyzer found $(@($found).Count) things"
    }
    'PSScriptAnalyzer found nothing.'
}

function Invoke-Package {
    Invoke-Build
    Set-Signature
    $platform = Get-Platform
    & ([IO.Path]::Combine($root, 'packaging', 'Package.ps1')) -Root $root -Module $out -Out $packages -Version (Get-Version) `
        -Program ([IO.Path]::Combine($out, 'bin', $platform.Folder, $platform.Worker)) -Fast:($Configuration -eq 'Debug')
}

function Invoke-Publish {
    # What was packed goes to the gallery as it is.
    if (-not $env:PSGALLERY_API_KEY) { return 'Not published: PSGALLERY_API_KEY holds no key' }
    $package = @(Get-ChildItem $packages -Filter 'ImapMigration.*.nupkg')
    if ($package.Count -ne 1) { throw "$packages holds $($package.Count) packages of the module; run -Task Package with an empty folder first" }
    Publish-PSResource -NupkgPath $package[0].FullName -Repository PSGallery -ApiKey $env:PSGALLERY_API_KEY
    "Published $($package[0].Name)"
}

function Write-ThirdParty {
    $path = [IO.Path]::Combine($root, 'third-party.md')
    $crates = & ([IO.Path]::Combine($root, 'packaging', 'Dependencies.ps1')) -Root $root
    & ([IO.Path]::Combine($root, 'packaging', 'ThirdParty.ps1')) -Crates $crates -Path $path
    "Written $path"
}

function Invoke-Bench {
    # Wall times beside other programs; it says itself which servers and programs it misses.
    Push-Location $root
    try { Invoke-Program 'cargo' @('bench', '--locked', '-p', 'imapmig-tests', '--bench', 'peers') } finally { Pop-Location }
}

function Measure-Step {
    # Runs steps in fresh processes, one after the other in each, and prints the median of each one's time and processor time. What
    # other programs do at the same time lengthens the one more than the other. The first run fills caches and does not count.
    param([object[]] $Step, [int] $Runs)

    $code = '$process = [Diagnostics.Process]::GetCurrentProcess(); $watch = [Diagnostics.Stopwatch]::StartNew(); $marks = @(); '
    $code += '$now = { $process.Refresh(); $watch.Elapsed.TotalMilliseconds, $process.TotalProcessorTime.TotalMilliseconds }; $null = & $now; '
    foreach ($one in $Step) { $code += "`$before = & `$now; $($one.Code); `$after = & `$now; `$marks += (`$after[0] - `$before[0]), (`$after[1] - `$before[1]); " }
    $code += '($marks | ForEach-Object { $_.ToString("F1", [Globalization.CultureInfo]::InvariantCulture) }) -join " "'
    $all = foreach ($run in 0..$Runs) {
        $line = "$(& (Get-PowerShell) -NoProfile -NonInteractive -Command $code)"
        , @($line.Split(' ') | ForEach-Object { [double]::Parse($_, [Globalization.CultureInfo]::InvariantCulture) })
    }
    foreach ($at in 0..($Step.Count - 1)) {
        $times, $processor = foreach ($column in (2 * $at), (2 * $at + 1)) { , @($all | Select-Object -Skip 1 | ForEach-Object { $_[$column] } | Sort-Object) }
        $middle = [int](($Runs - 1) / 2)
        '{0,-30} {1,6:F0} ms, {2,6:F0} ms of processor time (median of {3}, {4:F0} to {5:F0} ms; budget {6})' -f $Step[$at].Name, $times[$middle], $processor[$middle], $Runs, $times[0], $times[-1], $Step[$at].Budget
    }
}

function Measure-Import {
    # How long Import-Module, the first cmdlet and long lists take, the lists of 200 batches with 2,000 users as a new session sees
    # them. The batches are made first and never started.
    Invoke-Build
    $state = [IO.Path]::Combine([IO.Path]::GetTempPath(), "imapmig-measure-$PID")
    $seed = "Import-Module '$out'; Set-MigrationConfig -MaxNumberOfBatches 300; "
    $seed += '$null = New-MigrationEndpoint -IMAP -Name Source -RemoteServer 127.0.0.1 -SkipVerification; foreach ($n in 1..200) { '
    $seed += '$rows = @(''EmailAddress,UserName,Password'') + @(foreach ($m in 1..10) { "u$n-$m@contoso.edu,u$n-$m,x" }); '
    $seed += '$null = New-MigrationBatch -Name "Batch$n" -SourceEndpoint Source -CSVData ([Text.Encoding]::UTF8.GetBytes($rows -join "`n")) }'
    $steps = @(
        @{ Name = 'Import-Module'; Budget = 100; Code = "Import-Module '$out'" }
        @{ Name = 'the first cmdlet'; Budget = 100; Code = '$null = Get-MigrationConfig' }
        @{ Name = '200 batches'; Budget = 150; Code = '$null = Get-MigrationBatch -ResultSize Unlimited' }
        @{ Name = '2,000 users'; Budget = 400; Code = '$users = Get-MigrationUser -ResultSize Unlimited' }
        @{ Name = 'piped into their statistics'; Budget = 2000; Code = '$null = $users | Get-MigrationUserStatistics' }
    )
    $before = $env:IMAPMIGRATION_HOME
    $env:IMAPMIGRATION_HOME = $state
    try {
        $null = & (Get-PowerShell) -NoProfile -NonInteractive -Command $seed
        Measure-Step $steps 5
    } finally {
        $env:IMAPMIGRATION_HOME = $before
        if (Test-Path $state) { Remove-Item $state -Recurse -Force }
    }
}

function Clear-Out {
    $folder = [IO.Path]::Combine($root, 'out')
    if (Test-Path $folder) { Remove-Item $folder -Recurse -Force }
}

foreach ($name in $Task) {
    switch ($name) {
        'Build' { Invoke-Build }
        'Demo' { Invoke-Demo }
        'Test' { Invoke-Test }
        'Lint' { Invoke-Lint }
        'Package' { Invoke-Package }
        'Publish' { Invoke-Publish }
        'ThirdParty' { Write-ThirdParty }
        'Bench' { Invoke-Bench }
        'MeasureImport' { Measure-Import }
        'Docs' { & ([IO.Path]::Combine($root, 'ps-module', 'Docs.ps1')) -Source $source -Out ([IO.Path]::Combine($root, 'docs', 'cmdlets')) }
        'Clean' { Clear-Out }
    }
}
