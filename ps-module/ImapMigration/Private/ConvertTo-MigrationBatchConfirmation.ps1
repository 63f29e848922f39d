function ConvertTo-MigrationBatchConfirmation {
    # A confirmation of the library with its users and findings.
    [OutputType('ImapMigration.MigrationBatchConfirmation')]
    param(
        [Parameter(Mandatory, ValueFromPipeline)] $View
    )

    process {
        $counts = 'SourceItemCount', 'TargetItemCount', 'MatchedItemCount', 'MissingItemCount', 'DoubledItemCount', 'AlteredItemCount', 'ReportedItemCount', 'ForeignItemCount', 'AddedFlagCount'
        $users = @(foreach ($user in $View.Users) {
            $one = [ordered]@{
                PSTypeName        = 'ImapMigration.MigrationUserConfirmation'
                Identity          = $user.Identity
                Result            = New-EnumLabel $user.Result
                ErrorSummary      = $user.ErrorSummary
                EndedDateTime     = ConvertFrom-UnixTime $user.EndedUnixMs
                ComparedItemCount = [long]$user.ComparedItemCount
                ExpectedItemCount = [long]$user.ExpectedItemCount
            }
            foreach ($name in $counts) { $one[$name] = [long]$user.$name }
            [pscustomobject]$one
        })
        $findings = @(foreach ($finding in $View.Findings) {
            [pscustomobject]@{
                PSTypeName       = 'ImapMigration.MigrationFinding'
                Identity         = $finding.Identity
                Kind             = New-EnumLabel $finding.Kind
                IsException      = [bool]$finding.IsException
                FolderName       = $finding.FolderName
                TargetFolderName = $finding.TargetFolderName
                Subject          = $finding.Subject
                MessageId        = $finding.MessageId
                MessageSize      = [long]$finding.MessageSize
                DateReceived     = ConvertFrom-UnixTime $finding.DateReceivedUnixMs
                Details          = $finding.Details
                Explanation      = $finding.Explanation
                Uid              = $finding.Uid
                TargetId         = $finding.TargetId
            }
        })
        $all = [ordered]@{
            PSTypeName        = 'ImapMigration.MigrationBatchConfirmation'
            Identity          = New-IdentityLabel $View.Identity $View.BatchGuid
            BatchGuid         = [guid]::new($View.BatchGuid)
            Status            = New-EnumLabel $View.Status
            Result            = New-EnumLabel $View.Result
            IsOutdated        = [bool]$View.IsOutdated
            Bytes             = [bool]$View.Bytes
            RequestedDateTime = ConvertFrom-UnixTime $View.RequestedUnixMs
            EndedDateTime     = ConvertFrom-UnixTime $View.EndedUnixMs
            TotalCount        = [int]$View.TotalCount
            EndedCount        = [int]$View.EndedCount
            ComparedItemCount = [long]$View.ComparedItemCount
            ExpectedItemCount = [long]$View.ExpectedItemCount
        }
        foreach ($name in $counts) { $all[$name] = [long]$View.$name }
        $all.Users = $users
        $all.Findings = $findings
        [pscustomobject]$all
    }
}
