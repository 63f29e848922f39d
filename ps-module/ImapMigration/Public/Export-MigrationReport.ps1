function Export-MigrationReport {
    <#
    .SYNOPSIS
    Writes the users of a migration batch as a CSV file.
    .DESCRIPTION
    Writes a header and one row per user: EmailAddress, Status, ItemsMigrated, ItemsSkipped, LastSyncTime, BatchId and ErrorMessage. With -CsvStream the
    file goes to a stream; with -StartingRowIndex and -RowCount it is returned as text.
    .PARAMETER Identity
    The batch or user: its name or e-mail address, its Guid, an object that a cmdlet returns, or that object's Identity.
    .PARAMETER CsvStream
    The stream to write the file to; it stays open.
    .PARAMETER StartingRowIndex
    The first row, counted from 0.
    .PARAMETER RowCount
    Maximum number of rows.
    .PARAMETER DomainController
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Partition
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER WhatIf
    Shows what would be done, without doing it.
    .PARAMETER Confirm
    Asks before the change is made.
    .EXAMPLE
    $stream = [System.IO.File]::Create("$PWD/IMAPBatch1.csv")
    Export-MigrationReport -Identity IMAPBatch1 -CsvStream $stream
    $stream.Dispose()

    Writes a file.
    .EXAMPLE
    Export-MigrationReport -Identity IMAPBatch1 -StartingRowIndex 0 -RowCount 100 | ConvertFrom-Csv | Format-Table

    Shows the first hundred users.
    .LINK
    https://learn.microsoft.com/powershell/module/exchangepowershell/export-migrationreport
    .LINK
    Get-MigrationUserStatistics
    .LINK
    about_ImapMigration
    #>
    [CmdletBinding(DefaultParameterSetName = 'StreamBased', SupportsShouldProcess, PositionalBinding = $false)]
    [OutputType([string])]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline)] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [object] $Identity,
        [Parameter(Mandatory, ParameterSetName = 'StreamBased')] [IO.Stream] $CsvStream,
        [Parameter(Mandatory, ParameterSetName = 'Paged')] [ValidateRange(0, [int]::MaxValue)] [int] $StartingRowIndex,
        [Parameter(Mandatory, ParameterSetName = 'Paged')] [ValidateRange(0, [int]::MaxValue)] [int] $RowCount,
        [Parameter()] [string] $DomainController,
        [Parameter()] [string] $Partition
    )

    begin { . Use-CallerPreference $PSCmdlet }

    process {
        Write-Ignored $PSCmdlet 'DomainController', 'Partition'
        $name = Resolve-Identity $Identity
        if ($name -is [Management.Automation.ErrorRecord]) { return $PSCmdlet.WriteError($name) }
        if (-not $PSCmdlet.ShouldProcess((Get-DisplayName $Identity), 'Export migration report')) { return }
        $request = @{ Identity = $name }
        if ($PSCmdlet.ParameterSetName -eq 'Paged') {
            $request.StartingRowIndex = $StartingRowIndex
            $request.RowCount = $RowCount
        }
        $export = Invoke-Native $PSCmdlet 'report_export' $request
        if ($null -eq $export) { return }
        if ($PSCmdlet.ParameterSetName -eq 'Paged') { return $export.Csv }
        $bytes = [Text.Encoding]::UTF8.GetBytes($export.Csv)
        $CsvStream.Write($bytes, 0, $bytes.Length)
    }
}
