function Set-MigrationUser {
    <#
    .SYNOPSIS
    Syncs or completes a user of a migration batch now.
    .DESCRIPTION
    -SyncNow runs an incremental sync of the user at once. -CompleteAfter gives the user its final sync, and -StartAfter starts it; both take a
    time that has passed. A later time is set for the whole batch, with Set-MigrationBatch.
    .PARAMETER Identity
    The user: the e-mail address, the Guid, the object that Get-MigrationUser returns, or that object's Identity.
    .PARAMETER SyncNow
    Syncs the user at once, if it is synced.
    .PARAMETER CompleteAfter
    Gives the user its final sync, after any sync that is running. A time that has passed; without a time zone it is UTC.
    .PARAMETER StartAfter
    Starts the user. A time that has passed; without a time zone it is UTC.
    .PARAMETER ApproveSkippedItems
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER BadItemLimit
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER DomainController
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER LargeItemLimit
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Partition
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER WhatIf
    Shows what would be done, without doing it.
    .PARAMETER Confirm
    Asks before the change is made.
    .EXAMPLE
    Set-MigrationUser -Identity terrya@contoso.edu -SyncNow

    Copies what is new at the source.
    .EXAMPLE
    Set-MigrationUser -Identity terrya@contoso.edu -CompleteAfter (Get-Date).ToUniversalTime()

    Gives a user its final sync.
    .LINK
    https://learn.microsoft.com/powershell/module/exchangepowershell/set-migrationuser
    .LINK
    Set-MigrationBatch
    .LINK
    Complete-MigrationBatch
    .LINK
    about_ImapMigration
    #>
    [CmdletBinding(SupportsShouldProcess, PositionalBinding = $false)]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline)] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [object] $Identity,
        [Parameter()] [switch] $SyncNow,
        [Parameter()] [datetime] $CompleteAfter,
        [Parameter()] [datetime] $StartAfter,
        [Parameter()] [switch] $ApproveSkippedItems,
        [Parameter()] [string] $BadItemLimit,
        [Parameter()] [string] $DomainController,
        [Parameter()] [string] $LargeItemLimit,
        [Parameter()] [string] $Partition
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        Write-Ignored $PSCmdlet 'ApproveSkippedItems', 'BadItemLimit', 'DomainController', 'LargeItemLimit', 'Partition'
        $request = @{ SyncNow = [bool]$SyncNow }
        if (-not (Add-Schedule $PSCmdlet $request $PSBoundParameters)) { return }
        Invoke-OnTarget $PSCmdlet 'user' $PSBoundParameters 'Change' 'user_update' $request
    }
}
