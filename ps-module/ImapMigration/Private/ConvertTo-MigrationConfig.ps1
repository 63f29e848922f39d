function ConvertTo-MigrationConfig {
    # The settings of the state directory as Exchange shows a tenant's: its properties, in its order, then ours.
    [CmdletBinding()]
    [OutputType('ImapMigration.MigrationConfig')]
    param(
        [Parameter(Mandatory)] [psobject] $View
    )

    [pscustomobject][ordered]@{
        PSTypeName              = 'ImapMigration.MigrationConfig'
        Identity                = $View.Identity
        MaxNumberOfBatches      = [int]$View.MaxNumberOfBatches
        MaxConcurrentMigrations = New-Limit $View.MaxConcurrentMigrations
        Features                = $View.Features -join ', '
        CanSubmitNewBatch       = [bool]$View.CanSubmitNewBatch
        HasBatches              = [bool]$View.HasBatches
        SupportsCutover         = $false
        PartitionGuid           = [guid]::Empty
        PartitionName           = $null
        IsDefaultPartition      = $true
        EndpointCount           = [int]$View.EndpointCount
        SGMProperties           = $null
        IsValid                 = $true
        ObjectState             = New-EnumLabel 'Unchanged'
        TargetEndpoint          = New-EndpointLabel $View.TargetEndpoint
        StateDirectory          = $View.StateDirectory
        Worker                  = $View.Worker
        WorkerHeartbeatUTC      = ConvertFrom-UnixTime $View.WorkerHeartbeatUnixMs
    }
}
