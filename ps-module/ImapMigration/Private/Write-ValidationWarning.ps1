function Write-ValidationWarning {
    # Warns of the rows that were not taken: the first ten, as there may be thousands.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory)] [psobject] $Batch
    )

    $warnings = $Batch.ValidationWarnings
    foreach ($warning in $warnings | Select-Object -First 10) { $Cmdlet.WriteWarning("$warning") }
    if ($warnings.Count -gt 10) {
        $Cmdlet.WriteWarning("$($warnings.Count - 10) more rows were not taken; (Get-MigrationBatch '$($Batch.Identity)').ValidationWarnings lists them all.")
    }
}
