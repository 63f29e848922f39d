function Start-MigrationBatch {
    <#
    .SYNOPSIS
    Starts or resumes a migration batch.
    .DESCRIPTION
    Starts a batch that was created without -AutoStart, resumes a stopped one, and retries the failed users of any other batch.
    The mail is moved by a worker process, which continues after this session ends.
    .PARAMETER Identity
    The batch: its name, its Guid, the object that Get-MigrationBatch returns, or that object's Identity. If omitted, the only batch that exists.
    .PARAMETER DomainController
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Partition
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Validate
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER WhatIf
    Shows what would be done, without doing it.
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
