BeforeDiscovery {
    $canInstall = [bool](Get-Command Save-PSResource -ErrorAction Ignore)
    $hasCargo = [bool](Get-Command cargo -ErrorAction Ignore)
}

BeforeAll {
    $root = (Resolve-Path ([IO.Path]::Combine($PSScriptRoot, '..', '..'))).Path
    $version = [regex]::Match([IO.File]::ReadAllText([IO.Path]::Combine($root, 'Cargo.toml')), '(?m)^version = "(.+)"').Groups[1].Value

    function Get-Entry {
        # The names in an archive.
        param([string] $Path)

        Add-Type -AssemblyName System.IO.Compression, System.IO.Compression.FileSystem
        $archive = [IO.Compression.ZipFile]::OpenRead($Path)
        try { $archive.Entries.FullName } finally { $archive.Dispose() }
    }
}

Describe 'The release notes' {
    It 'are the section of the version, and fail for a release that has none' {
        $folder = [IO.Path]::Combine($TestDrive, 'changelog')
        $null = New-Item $folder -ItemType Directory
        [IO.File]::WriteAllText([IO.Path]::Combine($folder, 'CHANGELOG.md'), "# C`n`n## Unreleased`n`n- new`n`n## 1.2.0 - 2026-01-01`n`n- two`n- three`n`n## 1.1.0`n`n- old`n")
        $script = [IO.Path]::Combine($root, 'packaging', 'ReleaseNotes.ps1')

        & $script -Root $folder -Version 1.2.0 -Released | Should -Be "- two`n- three"
        & $script -Root $folder -Version 1.1.0 | Should -Be '- old'
        & $script -Root $folder -Version 1.3.0 | Should -Be '- new'
        { & $script -Root $folder -Version 1.3.0 -Released } | Should -Throw '*has no section*'
    }
}

Describe 'third-party.md' {
    It 'names the crates of the product as they are locked (./build.ps1 -Task ThirdParty writes it)' -Skip:(-not $hasCargo) {
        $path = [IO.Path]::Combine($TestDrive, 'third-party.md')

        $crates = & ([IO.Path]::Combine($root, 'packaging', 'Dependencies.ps1')) -Root $root
        & ([IO.Path]::Combine($root, 'packaging', 'ThirdParty.ps1')) -Crates $crates -Path $path

        [IO.File]::ReadAllText($path) | Should -Be ([IO.File]::ReadAllText([IO.Path]::Combine($root, 'third-party.md')).Replace("`r`n", "`n"))
    }
}

Describe 'The packages' -Skip:(-not $hasCargo) {
    BeforeAll {
        $out = [IO.Path]::Combine($TestDrive, 'out')
        # Library and worker are those under test, and one more system's folder beside them.
        $binaries = [IO.Path]::Combine($TestDrive, 'binaries')
        Copy-Item ([IO.Path]::Combine($env:IMAPMIG_TEST_MODULE, 'bin')) $binaries -Recurse
        $null = New-Item ([IO.Path]::Combine($binaries, 'osx-arm64')) -ItemType Directory
        [IO.File]::WriteAllText([IO.Path]::Combine($binaries, 'osx-arm64', 'imapmig'), 'program')
        $key = $env:PSGALLERY_API_KEY
        $env:PSGALLERY_API_KEY = ''
        try {
            $printed = & ([IO.Path]::Combine($root, 'build.ps1')) -Task Package, Publish -Configuration Debug -Binaries $binaries -Destination $out
        } finally {
            $env:PSGALLERY_API_KEY = $key
        }
    }

    It 'are made without keys, which is said' {
        $printed | Should -Contain 'Not published: PSGALLERY_API_KEY holds no key'
        "$printed" | Should -BeLike '*Not signed: IMAPMIG_SIGNING_THUMBPRINT names no certificate*'
    }

    It 'are listed with their checksums' {
        $lines = [IO.File]::ReadAllLines([IO.Path]::Combine($out, 'SHA256SUMS'))
        $names = [string[]]@(Get-ChildItem $out -File | Where-Object Name -NE 'SHA256SUMS' | ForEach-Object Name)
        [Array]::Sort($names, [StringComparer]::Ordinal)

        @($lines | ForEach-Object { $_.Substring(66) }) | Should -Be $names
        foreach ($line in $lines) {
            (Get-FileHash ([IO.Path]::Combine($out, $line.Substring(66)))).Hash | Should -Be $line.Substring(0, 64)
        }
    }

    It 'hold the libraries of all systems, with slashes in the names' {
        foreach ($name in "ImapMigration.$version.nupkg", "ImapMigration-$version.zip") {
            $entries = Get-Entry ([IO.Path]::Combine($out, $name))

            "$entries" | Should -Not -Match '\\'
            @($entries | Where-Object { $_ -match 'bin/[a-z]+-[a-z0-9]+/imapmig' }).Count | Should -Be 3
            @($entries | Where-Object { $_ -match 'bin/osx-arm64/imapmig$' }).Count | Should -Be 1
        }
    }

    It 'come with a list of what they contain' {
        $bom = [IO.File]::ReadAllText([IO.Path]::Combine($out, "imapmigration-$version.cdx.json")) | ConvertFrom-Json

        $bom.bomFormat, $bom.specVersion, $bom.metadata.component.version | Should -Be 'CycloneDX', '1.5', $version
        foreach ($name in 'rusqlite', 'native-tls', 'openssl-src', 'serde') { $bom.components.name | Should -Contain $name }
        $bom.components.name | Should -Not -Contain 'proptest'
        @($bom.components | Where-Object { -not $_.hashes -or -not $_.licenses }).name | Should -BeNullOrEmpty
    }

    It 'install into a fresh folder of PSModulePath, and the demo runs from there' -Skip:(-not $canInstall) {
        $modules = [IO.Path]::Combine($TestDrive, 'modules')
        $data = [IO.Path]::Combine($TestDrive, 'data')
        $null = New-Item $modules, $data -ItemType Directory
        # Installed as a tool of .NET, PowerShell runs inside dotnet.
        $pwsh = (Get-Process -Id $PID).Path
        if ([IO.Path]::GetFileNameWithoutExtension($pwsh) -eq 'dotnet') { $pwsh = (Get-Command pwsh -CommandType Application | Select-Object -First 1).Source }
        # A process of its own: the repositories it registers and the module it imports are not this session's.
        $code = "`$ErrorActionPreference = 'Stop'; Register-PSResourceRepository -Name Built -Uri '$out' -Trusted; " +
        "Save-PSResource ImapMigration -Repository Built -Path '$modules' -TrustRepository; `$env:PSModulePath = '$modules' + [IO.Path]::PathSeparator + `$env:PSModulePath; " +
        'Import-Module ImapMigration; $base = (Get-Module ImapMigration).ModuleBase; "from $base"; ' +
        "Remove-Item (Join-Path `$base 'bin/osx-arm64') -Recurse; & '$([IO.Path]::Combine($root, 'ps-module', 'Demo.ps1'))' -Module ImapMigration -Folder '$TestDrive'"
        $before = $env:XDG_DATA_HOME
        $env:XDG_DATA_HOME = $data
        try { $output = & $pwsh -NoProfile -NonInteractive -Command $code 2>&1 } finally { $env:XDG_DATA_HOME = $before }

        $LASTEXITCODE | Should -Be 0 -Because ($output | Out-String)
        "$output" | Should -BeLike "*from $modules*Step 6*"
    }
}
