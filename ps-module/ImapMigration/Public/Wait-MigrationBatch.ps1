function Wait-MigrationBatch {
    <#
    .SYNOPSIS
    Waits until a migration batch is in step with the source.
    .DESCRIPTION
    Shows a progress bar, and ends when the batch is Synced, SyncedWithErrors, Failed or Stopped; then returns the batch. Ctrl+C ends
    the waiting, not the migration.
    .PARAMETER Identity
    The batch: its name, its Guid, the object that Get-MigrationBatch returns, or that object's Identity.
    .PARAMETER TimeoutSeconds
    Gives up after this many seconds; without it, never.
    .EXAMPLE
    New-MigrationBatch -Name IMAPBatch4 -SourceEndpoint IMAPEndpoint -CSVData ([System.IO.File]::ReadAllBytes("C:\Users\Administrator\Desktop\IMAPmigration_4.csv")) -AutoStart | Wait-MigrationBatch

    Creates a batch and waits for its initial sync.
    .EXAMPLE
    Wait-MigrationBatch IMAPBatch1 -TimeoutSeconds 3600

    Waits for an hour at most.
    .LINK
    Get-MigrationBatch
    .LINK
    about_ImapMigration
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('ImapMigration.Output.MigrationBatch')]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline)] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [object] $Identity,
        [Parameter()] [Alias('Timeout')] [ValidateRange(0, [int]::MaxValue)] [int] $TimeoutSeconds
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        foreach ($target in Get-Target $PSCmdlet 'batch' $PSBoundParameters) {
            $watch = [Diagnostics.Stopwatch]::StartNew()
            $activity = "Migrating $($target.Name)"
            $meter, $shown, $request = @{}, @{}, @{ Identity = $target.Identity }
            # Each user's line costs calls of its own, so the lines are drawn once a second.
            $lines = 0
            while ($true) {
                $answer = Invoke-Native $PSCmdlet 'batch_list' $request
                if ($null -eq $answer) { break }
                $view = $answer.Batches[0]
                if ($view.Status -eq 'Created' -or ($view.Status -eq 'Stopped' -and $null -eq $view.StartUnixMs)) {
                    $message = "The migration batch ""$($view.Identity)"" has not been started. Start it with Start-MigrationBatch."
                    $PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([InvalidOperationException]::new($message), 'BatchNotStarted', 'InvalidOperation', $view.Identity))
                    break
                }
                if ('Synced', 'SyncedWithErrors', 'Failed', 'Stopped', 'Completed', 'CompletedWithErrors', 'Corrupted' -contains $view.Status) {
                    $view | ConvertTo-MigrationBatch
                    break
                }
                if ($PSBoundParameters.ContainsKey('TimeoutSeconds') -and $watch.Elapsed.TotalSeconds -ge $TimeoutSeconds) {
                    $message = "The migration batch ""$($view.Identity)"" is still $($view.Status) after $TimeoutSeconds seconds. It goes on; wait again or look with Get-MigrationBatch."
                    $PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([TimeoutException]::new($message), 'WaitTimedOut', 'OperationTimeout', $view.Identity))
                    break
                }
                Write-BatchProgress $activity $view $meter
                if ($watch.Elapsed.TotalSeconds -ge $lines + 0.5) {
                    Write-UserProgress $PSCmdlet $target.Identity $shown
                    $lines = $watch.Elapsed.TotalSeconds
                }
                # The library returns at the end of the batch, else after this time, so that Ctrl+C works.
                $request.WaitMs = 200
            }
            foreach ($line in $shown.Values) { Write-Progress -Id $line -Activity 'user' -Completed }
            Write-Progress -Activity $activity -Completed
        }
    }
}
