function Wait-Operation {
    # Waits for an operation in slices of 200 ms, so that Ctrl+C works, and cancels it when the pipeline is stopped.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [type] $Native,
        [Parameter(Mandatory)] [uint64] $Engine,
        [Parameter(Mandatory)] [uint64] $OperationId,
        [Parameter(Mandatory)] [string] $Activity
    )

    $state = $null
    $shown = $false
    try {
        while ($true) {
            $state = Invoke-NativeFunction $Native $Engine 'operation_wait' @{ OperationId = $OperationId; TimeoutMs = 200 }
            if ($null -eq $state -or $state.Done) { break }
            $status = 'Please wait'
            if ($state.Activity) { $status = $state.Activity }
            Write-Progress -Activity $Activity -Status $status
            $shown = $true
        }
    } finally {
        if ($shown) { Write-Progress -Activity $Activity -Completed }
        if ($null -ne $state -and -not $state.Done) {
            $null = Invoke-NativeFunction $Native $Engine 'operation_cancel' @{ OperationId = $OperationId }
        }
    }
    if ($null -eq $state) { return }
    if ($null -eq $state.Error) { return $state.Result }
    $script:Failure = New-NativeErrorRecord $state.Error
}
