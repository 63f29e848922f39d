function Complete-MigrationBatch {
    <#
    .SYNOPSIS
    Completes a migration batch.
    .DESCRIPTION
    Gives every user that is synced a final sync, then ends the incremental syncs. Users whose initial sync is under way follow as soon as
    they are synced. The batch is Completing meanwhile, then Completed, or CompletedWithErrors if users failed; Start-MigrationBatch tries those again.
    .PARAMETER Identity
    The batch: its name, its Guid, the object that Get-MigrationBatch returns, or that object's Identity. If omitted, the only batch that exists.
    .PARAMETER SyncAndComplete
    Refuses to complete the batch unless every user is synced.
    .PARAMETER NotificationEmails
    Kept and shown with the batch.
    .PARAMETER CompletePublicFolderMigrationWithDataLoss
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER DomainController
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Partition
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER WhatIf
    Shows what would be done, without doing it.
    .PARAMETER Confirm
    Asks before the change is made, which this cmdlet does by default; -Confirm:$false does not ask.
    .EXAMPLE
    Complete-MigrationBatch -Identity IMAPBatch1

    Completes a batch after asking.
    .EXAMPLE
    Get-MigrationBatch | Where-Object { $_.Status -like 'Synced*' } | Complete-MigrationBatch -Confirm:$false

    Completes every batch that is synced.
    .LINK
    https://learn.microsoft.com/powershell/module/exchangepowershell/complete-migrationbatch
    .LINK
    Start-MigrationBatch
    .LINK
    Remove-MigrationBatch
    .LINK
    about_ImapMigration
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High', PositionalBinding = $false)]
    param(
        [Parameter(Position = 0, ValueFromPipeline)] [AllowNull()] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [object] $Identity,
        [Parameter()] [switch] $SyncAndComplete,
        [Parameter()] [string[]] $NotificationEmails,
        [Parameter()] [switch] $CompletePublicFolderMigrationWithDataLoss,
        [Parameter()] [string] $DomainController,
        [Parameter()] [string] $Partition
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        Write-Ignored $PSCmdlet 'CompletePublicFolderMigrationWithDataLoss', 'DomainController', 'Partition'
        $request = @{ SyncAndComplete = [bool]$SyncAndComplete }
        if ($PSBoundParameters.ContainsKey('NotificationEmails')) { $request.NotificationEmails = $NotificationEmails }
        Invoke-OnTarget $PSCmdlet 'batch' $PSBoundParameters 'Complete' 'batch_complete' $request
    }
}
