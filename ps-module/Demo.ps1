<#
.SYNOPSIS
Runs the documented runbook in PowerShell against a sample server with three mailboxes.
.PARAMETER Module
The folder of the module that build.ps1 made, or the name of an installed one.
.PARAMETER Folder
Where the demo's folder is made; the system's folder for temporary files unless given.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Module,
    [Parameter()] [string] $Folder = [IO.Path]::GetTempPath()
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
Import-Module $Module

function Show-Step {
    # Prints a line of the runbook as it would be typed, and runs it.
    param([string] $Title, [scriptblock] $Line)

    "`n== $Title`nPS> $("$Line".Trim())" | Out-Host
    . $Line | Out-Host
}

$folder = [IO.Path]::Combine($Folder, "imapmig-demo-$([DateTime]::Now.ToString('yyyyMMdd-HHmmss'))-$PID")
$null = New-Item $folder -ItemType Directory
$env:IMAPMIGRATION_HOME = [IO.Path]::Combine($folder, 'state')

$base = (Get-Module ImapMigration).ModuleBase
$program = Get-ChildItem ([IO.Path]::Combine($base, 'bin')) -Recurse -File | Where-Object { $_.Name -in 'imapmig', 'imapmig.exe' } | Select-Object -First 1
$start = [Diagnostics.ProcessStartInfo]::new($program.FullName, 'demo --serve')
$start.RedirectStandardInput = $true
$start.RedirectStandardOutput = $true
$start.UseShellExecute = $false
$server = [Diagnostics.Process]::Start($start)
try {
    $remote, $port = "$($server.StandardOutput.ReadLine())".Split(':')
    $csv = [IO.Path]::Combine($folder, 'IMAPmigration_1.csv')
    [IO.File]::WriteAllLines($csv, [string[]]('EmailAddress,UserName,Password', 'terrya@contoso.edu,terry.adams,1091990',
        'annb@contoso.edu,ann.beebe,2111991', 'paulc@contoso.edu,paul.cannon,3281986'))

    Show-Step 'Step 1: Test the connection to the IMAP server' {
        Test-MigrationServerAvailability -IMAP -RemoteServer $remote -Port $port -Security None
    }
    Show-Step 'Step 2: Write a CSV file with the users' {
        Get-Content $csv
    }
    Show-Step 'Step 3: Make a migration endpoint' {
        New-MigrationEndpoint -IMAP -Name IMAPEndpoint -RemoteServer $remote -Port $port -Security None
    }
    Show-Step 'Step 4: Make a migration batch and start it' {
        New-MigrationBatch -Name IMAPBatch1 -SourceEndpoint IMAPEndpoint -CSVData ([System.IO.File]::ReadAllBytes($csv)) -AutoStart
    }
    Show-Step 'Step 5: Wait for it, and see what has become of the users' {
        Wait-MigrationBatch IMAPBatch1
    }
    Show-Step 'How far is everybody, and where does the mail lie?' {
        Get-MigrationUser -BatchId IMAPBatch1 | Get-MigrationUserStatistics | Format-List Identity, Status, Synced*, Skipped*Count, TargetPath
    }
    Show-Step 'Step 6: Stop the batch, since the sample server ends with this demo' {
        Stop-MigrationBatch IMAPBatch1 -Confirm:$false
    }
    $batch = Wait-MigrationBatch IMAPBatch1 -TimeoutSeconds 30
    "`nThe state directory stays: `$env:IMAPMIGRATION_HOME = '$env:IMAPMIGRATION_HOME'"
    if ($batch.SyncedItemCount -ne $batch.TotalItemCount -or $batch.FailedCount) { throw 'Not everything was migrated.' }
} finally {
    $server.StandardInput.Close()
    if (-not $server.WaitForExit(5000)) { $server.Kill() }
}
