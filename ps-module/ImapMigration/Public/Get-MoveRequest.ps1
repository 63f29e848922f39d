function Get-MoveRequest {
    <#
    .SYNOPSIS
    Shows move requests; there are none.
    .DESCRIPTION
    An IMAP migration makes no move requests. The command exists so that scripts written for Exchange Online reach their next line: without -Identity
    nothing is returned, and a move request that is named cannot be found.
    .PARAMETER Identity
    The move request, which cannot be found.
    .PARAMETER AccountPartition
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER BatchName
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Credential
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER DomainController
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Flags
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER HighPriority
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER IncludeSoftDeletedObjects
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER MoveStatus
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Offline
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER OrganizationalUnit
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Partition
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Protect
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER RemoteHostName
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER ResultSize
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER SortBy
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER SourceDatabase
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Suspend
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER SuspendWhenReadyToComplete
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER TargetDatabase
    Accepted for compatibility with Exchange Online; has no effect.
    .EXAMPLE
    if (-not (Get-MoveRequest -Identity terrya@contoso.edu -ErrorAction SilentlyContinue)) { Start-MigrationUser -Identity terrya@contoso.edu }

    Starts a user that has no move request.
    .LINK
    https://learn.microsoft.com/powershell/module/exchangepowershell/get-moverequest
    .LINK
    Get-MigrationUser
    .LINK
    about_ImapMigration
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType([void])]
    param(
        [Parameter(Position = 0, ValueFromPipeline)] [AllowNull()] [object] $Identity,
        [Parameter()] [string] $AccountPartition,
        [Parameter()] [string] $BatchName,
        [Parameter()] [pscredential] $Credential,
        [Parameter()] [string] $DomainController,
        [Parameter()] [string] $Flags,
        [Parameter()] [bool] $HighPriority,
        [Parameter()] [switch] $IncludeSoftDeletedObjects,
        [Parameter()] [string] $MoveStatus,
        [Parameter()] [bool] $Offline,
        [Parameter()] [string] $OrganizationalUnit,
        [Parameter()] [string] $Partition,
        [Parameter()] [bool] $Protect,
        [Parameter()] [string] $RemoteHostName,
        [Parameter()] [string] $ResultSize,
        [Parameter()] [string] $SortBy,
        [Parameter()] [string] $SourceDatabase,
        [Parameter()] [bool] $Suspend,
        [Parameter()] [bool] $SuspendWhenReadyToComplete,
        [Parameter()] [string] $TargetDatabase
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        Write-Ignored $PSCmdlet @(
            'AccountPartition', 'BatchName', 'Credential', 'DomainController', 'Flags', 'HighPriority', 'IncludeSoftDeletedObjects', 'MoveStatus', 'Offline'
            'OrganizationalUnit', 'Partition', 'Protect', 'RemoteHostName', 'ResultSize', 'SortBy', 'SourceDatabase', 'Suspend'
            'SuspendWhenReadyToComplete', 'TargetDatabase'
        )
        if ($null -eq $Identity) { return }
        # A line of a CSV file holds a password, and is refused without being repeated.
        $known = Resolve-Identity $Identity
        if ($known -is [Management.Automation.ErrorRecord]) { return $PSCmdlet.WriteError($known) }
        $name = Get-DisplayName $Identity
        $exception = [Management.Automation.ItemNotFoundException]::new("Couldn't find a move request that corresponds to the specified identity '$name'.")
        $PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new($exception, 'ManagementObjectNotFoundException', 'ObjectNotFound', $name))
    }
}
