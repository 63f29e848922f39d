function New-KindError {
    # The error for an object of another kind than wanted, with what to write instead.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'makes an object')]
    [CmdletBinding()]
    [OutputType([Management.Automation.ErrorRecord])]
    param(
        [Parameter(Mandatory)] [ValidateSet('batch', 'user', 'endpoint')] [string] $Wanted,
        [Parameter(Mandatory)] [ValidateSet('batch', 'user', 'endpoint')] [string] $Kind,
        [Parameter()] [AllowNull()] [object] $Identity
    )

    $name = "'$("$Identity" -replace "'", "''")'"
    $remedies = @{
        'batch user'     = "use the BatchId of the user: Get-MigrationBatch -Identity (Get-MigrationUser $name).BatchId"
        'batch endpoint' = "use Get-MigrationBatch -Endpoint $name for its batches"
        'user batch'     = "use Get-MigrationUser -BatchId $name for its users"
        'user endpoint'  = "use Get-MigrationBatch -Endpoint $name | Get-MigrationUser for its users"
        'endpoint batch' = 'use its SourceEndpoint or TargetEndpoint'
        'endpoint user'  = 'use the SourceEndpoint or TargetEndpoint of its batch'
    }
    New-UsageError "$Identity is a migration $Kind, not a migration $Wanted; $($remedies["$Wanted $Kind"])." "$Identity"
}
