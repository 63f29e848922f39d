function Start-MigrationBatch {
    <#
    .SYNOPSIS
    Starts or resumes a migration batch.
    .DESCRIPTION
    Starts a batch that was made without -AutoStart, resumes a stopped one, and tries the failed users of any other once more.
    The mail is moved by a worker of its own, which goes on after this session ends.
    .PARAMETER Identity
    The batch: its name, its Guid, the object that Get-MigrationBatch gives, or that object's Identity. Without it: the only batch there is.
    .PARAMETER DomainController
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Partition
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Validate
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER WhatIf
    Says what would be done, and does nothing.
    .PARAMETER Confirm
    Asks before the change is made.
    .EXAMPLE
    Start-MigrationBatch -Identity IMAPBatch1

    Starts a batch.
    .LINK
    https://learn.microsoft.com/powershell/module/exchangepowershell/start-migrationbatch
    .LINK
    Wait-MigrationBatch
    .LINK
    Stop-MigrationBatch
    .LINK
    about_ImapMigration
    #>
    [CmdletBinding(SupportsShouldProcess, PositionalBinding = $false)]
    param(
        [Parameter(Position = 0, ValueFromPipeline)] [AllowNull()] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [object] $Identity,
        [Parameter()] [string] $DomainController,
        [Parameter()] [string] $Partition,
        [Parameter()] [switch] $Validate
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        Write-Ignored $PSCmdlet 'DomainController', 'Partition', 'Validate'
        Invoke-OnTarget $PSCmdlet 'batch' $PSBoundParameters 'Start' 'batch_start'
    }
}
