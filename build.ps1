<#
.SYNOPSIS
Builds, tests and packs the PowerShell module ImapMigration.
.DESCRIPTION
Build makes out/ImapMigration, ready for Import-Module: the module in one file, the library and the worker. The other tasks:
Demo         runs the documented runbook in PowerShell against a sample server
Test         runs Pester (the tests that need mail servers run by: cargo test -p imapmig-tests --test pester)
Lint         runs PSScriptAnalyzer
Package      packs out/ImapMigration as a zip file
Bench        measures the engine beside other programs
MeasureImport prints how long Import-Module, the first call of the library and long lists take, in fresh processes
Docs         writes docs/cmdlets from the help in the module's source
Clean        removes out
.PARAMETER Task
What to do; several are done in order.
.PARAMETER Configuration
Release, or Debug for a quick build of the library.
.EXAMPLE
./build.ps1
.EXAMPLE
./build.ps1 -Task Build, Test -Configuration Debug
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Demo', 'Test', 'Lint', 'Package', 'Bench', 'MeasureImport', 'Docs', 'Clean')]
    [string[]] $Task = 'Build',

    [Parameter()]
    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release'
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'

$root = $PSScriptRoot
$source = [IO.Path]::Combine($root, 'ps-module', 'ImapMigration')
$out = [IO.Path]::Combine($root, 'out', 'ImapMigration')
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

function Invoke-Build {
    if ($script:Built) { return }
    $arguments = @('build', '--locked', '-p', 'imapmig-ffi', '-p', 'imapmig-cli')
    if ($Configuration -eq 'Release') { $arguments += '--release' }
    Push-Location $root
    try { Invoke-Program 'cargo' $arguments } finally { Pop-Location }

    if (Test-Path $out) { Remove-Item $out -Recurse -Force }
    $platform = Get-Platform
    $bin = [IO.Path]::Combine($out, 'bin', $platform.Folder)
    $null = New-Item $bin -ItemType Directory -Force
    Write-Module
    foreach ($item in 'ImapMigration.psd1', 'ImapMigration.Format.ps1xml', 'ImapMigration.Types.ps1xml', 'en-US') {
        Copy-Item ([IO.Path]::Combine($source, $item)) $out -Recurse
    }
    Copy-Item ([IO.Path]::Combine($root, 'LICENSE')) $out
    $cargo = Get-CargoFolder
    Copy-Item ([IO.Path]::Combine($cargo, $platform.Built)) ([IO.Path]::Combine($bin, $platform.Library))
    Copy-Item ([IO.Path]::Combine($cargo, $platform.Worker)) $bin
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
    $version = (Import-PowerShellDataFile ([IO.Path]::Combine($out, 'ImapMigration.psd1'))).ModuleVersion
    $zip = [IO.Path]::Combine($root, 'out', "ImapMigration-$version-$((Get-Platform).Folder).zip")
    if (Test-Path $zip) { Remove-Item $zip }
    # Not Compress-Archive: it forgets that the worker is a program. Not CreateFromDirectory: Windows PowerShell writes names with
    # backslashes then, which other systems take for one long name.
    Add-Type -AssemblyName System.IO.Compression, System.IO.Compression.FileSystem
    $archive = [IO.Compression.ZipFile]::Open($zip, 'Create')
    try {
        foreach ($file in Get-ChildItem $out -Recurse -File | Sort-Object FullName) {
            $name = 'ImapMigration' + $file.FullName.Substring($out.Length).Replace('\', '/')
            $null = [IO.Compression.ZipFileExtensions]::CreateEntryFromFile($archive, $file.FullName, $name, 'Optimal')
        }
    } finally {
        $archive.Dispose()
    }
    "Packed $zip"
}

function Invoke-Bench {
    # Wall times beside other programs; it says itself which servers and programs it misses.
    Push-Location $root
    try { Invoke-Program 'cargo' @('bench', '--locked', '-p', 'imapmig-tests', '--bench', 'peers') } finally { Pop-Location }
}

function Measure-Import {
    # Fresh processes, as a second import in one process has it easier. The state directory is there, as it is in daily use.
    Invoke-Build
    $state = [IO.Path]::Combine([IO.Path]::GetTempPath(), "imapmig-import-$PID")
    $code = "& { `$watch = [Diagnostics.Stopwatch]::StartNew(); Import-Module '$out'; `$import = `$watch.Elapsed.TotalMilliseconds; "
    $code += '$module = Get-Module ImapMigration; $watch.Restart(); $call, $open = & $module { $native = Get-Native; $args[0].Elapsed.TotalMilliseconds; '
    $code += '$null = Get-Engine $native; $args[0].Elapsed.TotalMilliseconds } $watch; '
    $code += '$watch.Restart(); $null = Get-MigrationConfig; "{0:F1} {1:F1} {2:F1} {3:F1}" -f $import, $call, $open, $watch.Elapsed.TotalMilliseconds }'
    $before = $env:IMAPMIGRATION_HOME
    $env:IMAPMIGRATION_HOME = $state
    try {
        $runs = foreach ($run in 0..7) {
            $line = & (Get-PowerShell) -NoProfile -NonInteractive -Command $code
            $import, $call, $open, $cmdlet = "$line".Split(' ') | ForEach-Object { [double]::Parse($_, [Globalization.CultureInfo]::InvariantCulture) }
            [pscustomobject]@{ Import = $import; Call = $call; Open = $open; Cmdlet = $cmdlet }
        }
    } finally {
        $env:IMAPMIGRATION_HOME = $before
        if (Test-Path $state) { Remove-Item $state -Recurse -Force }
    }
    # The first run fills caches and makes the state directory.
    $runs = $runs | Select-Object -Skip 1
    $figures = @('Import', 'Import-Module', 'budget 100'), @('Call', 'First native call', 'functions made, library loaded, imapmig_abi_version called; budget 60'),
    @('Open', 'and with it opened', 'the state directory too, counted from the same start'), @('Cmdlet', 'First cmdlet after', 'Get-MigrationConfig')
    foreach ($figure in $figures) {
        $sorted = @($runs.($figure[0]) | Sort-Object)
        '{0,-18} {1,6:F1} ms (median of {2}, {3:F1} to {4:F1}; {5})' -f $figure[1], $sorted[[int](($sorted.Count - 1) / 2)], $sorted.Count, $sorted[0], $sorted[-1], $figure[2]
    }
}

function Measure-List {
    # Lists of 200 batches with 2,000 users, each as a new session sees it; the batches are made first and never started.
    $state = [IO.Path]::Combine([IO.Path]::GetTempPath(), "imapmig-lists-$PID")
    $seed = "Import-Module '$out'; Set-MigrationConfig -MaxNumberOfBatches 300; "
    $seed += '$null = New-MigrationEndpoint -IMAP -Name Source -RemoteServer 127.0.0.1 -SkipVerification; foreach ($n in 1..200) { '
    $seed += '$rows = @(''EmailAddress,UserName,Password'') + @(foreach ($m in 1..10) { "u$n-$m@contoso.edu,u$n-$m,x" }); '
    $seed += '$null = New-MigrationBatch -Name "Batch$n" -SourceEndpoint Source -CSVData ([Text.Encoding]::UTF8.GetBytes($rows -join "`n")) }'
    $code = "Import-Module '$out'; `$null = Get-MigrationConfig; `$watch = [Diagnostics.Stopwatch]::StartNew(); `$figures = @(); "
    $code += '$null = Get-MigrationBatch -ResultSize Unlimited; $figures += $watch.Elapsed.TotalMilliseconds; $watch.Restart(); '
    $code += '$users = Get-MigrationUser -ResultSize Unlimited; $figures += $watch.Elapsed.TotalMilliseconds; $watch.Restart(); '
    $code += '$null = $users | Get-MigrationUserStatistics; $figures += $watch.Elapsed.TotalMilliseconds; "{0:F0} {1:F0} {2:F0}" -f $figures'
    $before = $env:IMAPMIGRATION_HOME
    $env:IMAPMIGRATION_HOME = $state
    try {
        $null = & (Get-PowerShell) -NoProfile -NonInteractive -Command $seed
        $runs = foreach ($run in 1..3) { , "$(& (Get-PowerShell) -NoProfile -NonInteractive -Command $code)".Split(' ') }
    } finally {
        $env:IMAPMIGRATION_HOME = $before
        if (Test-Path $state) { Remove-Item $state -Recurse -Force }
    }
    $names = @('200 batches', 'budget 150'), @('2,000 users', 'budget 400'), @('their statistics', 'piped one by one; budget 2000')
    foreach ($at in 0..2) {
        $sorted = @($runs | ForEach-Object { [int]$_[$at] } | Sort-Object)
        '{0,-18} {1,6} ms (median of {2}, {3} to {4}; {5})' -f $names[$at][0], $sorted[1], $sorted.Count, $sorted[0], $sorted[-1], $names[$at][1]
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
        'Bench' { Invoke-Bench }
        'MeasureImport' { Measure-Import; Measure-List }
        'Docs' { & ([IO.Path]::Combine($root, 'ps-module', 'Docs.ps1')) -Source $source -Out ([IO.Path]::Combine($root, 'docs', 'cmdlets')) }
        'Clean' { Clear-Out }
    }
}
