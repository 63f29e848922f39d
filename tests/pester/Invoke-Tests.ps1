<#
.SYNOPSIS
Runs the Pester tests of the module; ends with the number of failed ones.
.PARAMETER Module
The module's folder: out/ImapMigration, or ps-module/ImapMigration with IMAPMIGRATION_LIBRARY.
.PARAMETER Name
The test files to run, without .Tests.ps1 and with commas between; all unless given.
.PARAMETER Verbosity
How much Pester prints.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Module,
    [Parameter()] [string] $Name = '*',
    [Parameter()] [ValidateSet('None', 'Normal', 'Detailed', 'Diagnostic')] [string] $Verbosity = 'Normal'
)

# Neither strict mode nor another $ErrorActionPreference: the tests are to see what people see in a new session.
$env:IMAPMIG_TEST_MODULE = (Resolve-Path $Module -ErrorAction Stop).Path

$configuration = New-PesterConfiguration
$configuration.Run.Path = @($Name.Split(',') | ForEach-Object { [IO.Path]::Combine($PSScriptRoot, "$_.Tests.ps1") })
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = $Verbosity
$configuration.Output.RenderMode = 'Plaintext'
$result = Invoke-Pester -Configuration $configuration
if ($result.TotalCount -eq 0) { throw 'Pester found no tests' }
exit ($result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount)
