function ConvertTo-MigrationStatistics {
    # The counts of all users as Exchange shows them: its properties, in its order.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseSingularNouns', '', Justification = 'named as in Exchange')]
    [CmdletBinding()]
    [OutputType('ImapMigration.MigrationStatistics')]
    param(
        [Parameter(Mandatory)] [psobject] $View
    )

    [pscustomobject][ordered]@{
        PSTypeName       = 'ImapMigration.MigrationStatistics'
        Identity         = ''
        TotalCount       = [int]$View.TotalCount
        ActiveCount      = [int]$View.ActiveCount
        StoppedCount     = [int]$View.StoppedCount
        SyncedCount      = [int]$View.SyncedCount
        FinalizedCount   = [int]$View.FinalizedCount
        FailedCount      = [int]$View.FailedCount
        PendingCount     = [int]$View.PendingCount
        ProvisionedCount = 0
        MigrationType    = New-EnumLabel 'IMAP'
        Diagnostics      = @()
        DiagnosticInfo   = ''
        IsValid          = $true
        ObjectState      = New-EnumLabel 'Unchanged'
    }
}
