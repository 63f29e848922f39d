function Get-MigrationBatchConfirmation {
    <#
    .SYNOPSIS
    Shows how both sides of migration batches compared.
    .DESCRIPTION
    Shows the last comparison of each batch, or of the given ones: its progress, its result, its numbers, and those of each user.
    Comparisons are started by Confirm-MigrationBatch. A later comparison replaces an earlier one.
    .PARAMETER Identity
    The batch: its name, its Guid, the object that Get-MigrationBatch returns, or that object's Identity. If omitted, all batches that were compared.
    .PARAMETER IncludeFindings
    Fills Findings with everything that differs.
    .EXAMPLE
    Get-MigrationBatchConfirmation IMAPBatch1 | Format-List Status, Result

    Shows how a comparison stands.
    .EXAMPLE
    (Get-MigrationBatchConfirmation IMAPBatch1 -IncludeFindings).Findings | Export-Csv -Path findings.csv

    Writes everything that differs to a file.
    .LINK
    Confirm-MigrationBatch
    .LINK
    about_ImapMigration
    #>
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('ImapMigration.MigrationBatchConfirmation')]
    param(
        [Parameter(Position = 0, ValueFromPipeline)] [AllowNull()] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [object] $Identity,
        [Parameter()] [switch] $IncludeFindings
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        if (-not $PSBoundParameters.ContainsKey('Identity')) {
            $answer = Invoke-Native $PSCmdlet 'batch_confirmation' @{}
            if ($null -eq $answer) { return }
            foreach ($view in $answer.Confirmations) {
                if ($IncludeFindings) { $view = Read-Confirmation $PSCmdlet $view.BatchGuid $true }
                if ($null -ne $view) { $view | ConvertTo-MigrationBatchConfirmation }
            }
            return
        }
        foreach ($target in Get-Target $PSCmdlet 'batch' $PSBoundParameters) {
            $view = Read-Confirmation $PSCmdlet $target.Identity $IncludeFindings
            if ($null -ne $view) { $view | ConvertTo-MigrationBatchConfirmation }
        }
    }
}
