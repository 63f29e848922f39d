function Confirm-MigrationBatch {
    <#
    .SYNOPSIS
    Compares the source and the target of a migration batch independently of the migration.
    .DESCRIPTION
    The worker reads the source and the target of every user again and compares them folder by folder, without using the records of the
    migration: is every message at the target exactly once, with its content, date and flags? Nothing is changed on either side.

    The result is Complete; CompleteWithExceptions, if all differences were reported by the migration or made at the target since (new
    mail, added flags); or Incomplete, where messages are missing, doubled or altered, or a user could not be compared. Each difference
    is a finding, which Get-MigrationBatchConfirmation lists.

    The batch must be at rest: synced, completed, stopped or failed. The comparison counts against the limits of the endpoints, and
    resumes after the worker was killed or the machine was restarted. A user is not synced while it is compared.
    .PARAMETER Identity
    The batch: its name, its Guid, the object that Get-MigrationBatch returns, or that object's Identity. If omitted, the only batch that exists.
    .PARAMETER Bytes
    Compares the whole content of every message. Without it, sizes, dates, flags and headers are compared, which reads far less.
    .PARAMETER Wait
    Shows a progress bar, waits for the end, and returns all findings. Ctrl+C ends the waiting, not the comparison.
    .PARAMETER TimeoutSeconds
    Gives up waiting after this many seconds; without it, never.
    .PARAMETER Stop
    Stops the comparison that is under way. The next one of the same kind resumes where this one stopped.
    .PARAMETER WhatIf
    Shows what would be done, without doing it.
    .PARAMETER Confirm
    Asks before the change is made.
    .EXAMPLE
    Confirm-MigrationBatch IMAPBatch1 -Wait

    Compares both sides of a batch, and shows the result.
    .EXAMPLE
    (Confirm-MigrationBatch IMAPBatch1 -Bytes -Wait).Findings | Where-Object { -not $_.IsException } | Format-Table Kind, Identity, FolderName, Subject, Details

    Lists what is missing, doubled or altered, down to the last byte.
    .LINK
    Get-MigrationBatchConfirmation
    .LINK
    Get-MigrationUserStatistics
    .LINK
    about_ImapMigration
    #>
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Confirm', PositionalBinding = $false)]
    [OutputType('ImapMigration.MigrationBatchConfirmation')]
    param(
        [Parameter(Position = 0, ValueFromPipeline)] [AllowNull()] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [object] $Identity,
        [Parameter(ParameterSetName = 'Confirm')] [switch] $Bytes,
        [Parameter(ParameterSetName = 'Confirm')] [switch] $Wait,
        [Parameter(ParameterSetName = 'Confirm')] [Alias('Timeout')] [ValidateRange(0, [int]::MaxValue)] [int] $TimeoutSeconds,
        [Parameter(Mandatory, ParameterSetName = 'Stop')] [switch] $Stop
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        foreach ($target in Get-Target $PSCmdlet 'batch' $PSBoundParameters -Fits 'Synced', 'SyncedWithErrors', 'Completed', 'CompletedWithErrors') {
            $action = 'Compare both sides of migration batch'
            if ($Stop) { $action = 'Stop the comparison of migration batch' }
            if (-not $PSCmdlet.ShouldProcess($target.Name, $action)) { continue }
            $view = Invoke-Native $PSCmdlet 'batch_confirm' @{ Identity = $target.Identity; Bytes = [bool]$Bytes; Stop = [bool]$Stop }
            if ($null -eq $view) { continue }
            if ($Wait) {
                $limit = $null
                if ($PSBoundParameters.ContainsKey('TimeoutSeconds')) { $limit = $TimeoutSeconds }
                $view = Wait-Confirmation $PSCmdlet $target $limit
                if ($null -eq $view) { continue }
                if ($view.Result -eq 'Incomplete') {
                    $text = '{0:N0} missing, {1:N0} doubled, {2:N0} altered' -f $view.MissingItemCount, $view.DoubledItemCount, $view.AlteredItemCount
                    $PSCmdlet.WriteWarning("The migration of batch ""$($view.Identity)"" is incomplete: $text. See Findings and Users of the result.")
                }
            }
            $view | ConvertTo-MigrationBatchConfirmation
        }
    }
}
