@{
    RootModule           = 'ImapMigration.psm1'
    # build.ps1 writes the version of Cargo.toml here.
    ModuleVersion        = '0.0.0'
    GUID                 = '45ceab84-5485-4df3-9e49-45709c1f2c30'
    Author               = 'The ImapMigration contributors'
    Copyright            = '(c) The ImapMigration contributors. MIT licence.'
    Description          = 'The IMAP migration runbook of Exchange Online, command for command, with an engine of its own: mail moves from any IMAP server to Microsoft 365, to another IMAP server, or into local Maildirs.'
    PowerShellVersion    = '5.1'
    CompatiblePSEditions = @('Desktop', 'Core')
    FormatsToProcess     = @('ImapMigration.Format.ps1xml')
    TypesToProcess       = @('ImapMigration.Types.ps1xml')
    FunctionsToExport    = @(
        'Complete-MigrationBatch'
        'Confirm-MigrationBatch'
        'Export-MigrationReport'
        'Get-MigrationBatch'
        'Get-MigrationBatchConfirmation'
        'Get-MigrationConfig'
        'Get-MigrationEndpoint'
        'Get-MigrationStatistics'
        'Get-MigrationUser'
        'Get-MigrationUserStatistics'
        'Get-MoveRequest'
        'New-MigrationBatch'
        'New-MigrationEndpoint'
        'Remove-MigrationBatch'
        'Remove-MigrationEndpoint'
        'Remove-MigrationUser'
        'Set-MigrationBatch'
        'Set-MigrationConfig'
        'Set-MigrationEndpoint'
        'Set-MigrationUser'
        'Start-MigrationBatch'
        'Start-MigrationUser'
        'Stop-MigrationBatch'
        'Stop-MigrationUser'
        'Test-MigrationServerAvailability'
        'Wait-MigrationBatch'
    )
    CmdletsToExport      = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
    PrivateData          = @{
        PSData = @{
            ProjectUri = 'https://www.powershellgallery.com/packages/ImapMigration'
            LicenseUri = 'https://opensource.org/license/mit'
            Tags = @('IMAP', 'Migration', 'Mail', 'Exchange', 'Microsoft365', 'PSEdition_Desktop', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
        }
    }
}
