function Wait-Confirmation($Cmdlet, $Target, $TimeoutSeconds) {
    # Shows a progress bar until the confirmation of a batch has ended or was stopped, and returns it with its findings. Nothing is
    # returned after an error.
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $activity = "Confirming $($Target.Name)"
    $request = @{ Identity = $Target.Identity }
    try {
        while ($true) {
            $answer = Invoke-Native $Cmdlet 'batch_confirmation' $request
            if ($null -eq $answer) { return }
            $view = $answer.Confirmations[0]
            if ($view.IsAtRest) { return Read-Confirmation $Cmdlet $Target.Identity $true }
            if ($null -ne $TimeoutSeconds -and $watch.Elapsed.TotalSeconds -ge $TimeoutSeconds) {
                $message = "The migration batch ""$($view.Identity)"" is still being compared after $TimeoutSeconds seconds. It goes on; wait again or look with Get-MigrationBatchConfirmation."
                $Cmdlet.WriteError([Management.Automation.ErrorRecord]::new([TimeoutException]::new($message), 'WaitTimedOut', 'OperationTimeout', $view.Identity))
                return
            }
            $bar = @{ Activity = $activity; PercentComplete = 0 }
            if ($view.ExpectedItemCount) { $bar.PercentComplete = [math]::Min(100, [math]::Floor($view.ComparedItemCount * 100 / $view.ExpectedItemCount)) }
            Write-Progress @bar -Status ('{0:N0} of {1:N0} users, {2:N0} of {3:N0} items' -f $view.EndedCount, $view.TotalCount, $view.ComparedItemCount, $view.ExpectedItemCount)
            # The library returns at the end of the confirmation, else after this time, so that Ctrl+C works.
            $request.WaitMs = 200
        }
    } finally {
        Write-Progress -Activity $activity -Completed
    }
}
