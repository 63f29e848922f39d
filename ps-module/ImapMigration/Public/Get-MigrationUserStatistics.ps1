function Get-MigrationUserStatistics {
    <#
    .SYNOPSIS
    Shows the numbers of a user of a migration batch.
    .DESCRIPTION
    Shows how many items exist, were copied and were skipped, the progress and, on request, the report and every skipped item with its
    reason. VerifiedItemCount is the number of items whose UID, size, date and flags were listed at the target after they were stored or
    found there. ComparedItemCount is the number of these whose bytes were read at the target and compared with the source's as well.
    NotVerifiedItemCount is the number of items at the target that are not verified.
    .PARAMETER Identity
    The user: the e-mail address, the Guid, the object that Get-MigrationUser returns, or that object's Identity. An object selects exactly the user that it came from, even if another batch has a user with the same address.
    .PARAMETER IncludeReport
    Fills Report with what happened and when.
    .PARAMETER IncludeSkippedItems
    Fills SkippedItems with every item that was left out or altered, and why.
    .PARAMETER LimitSkippedItemsTo
    Maximum number of skipped items to show.
    .PARAMETER Diagnostic
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER DiagnosticArgument
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER DiagnosticInfo
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER DomainController
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER IncludeCopilotReport
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER Partition
    Accepted for compatibility with Exchange Online; has no effect.
    .PARAMETER SkipSubscription
    Accepted for compatibility with Exchange Online; has no effect.
    .EXAMPLE
    Get-MigrationUser -BatchId IMAPBatch1 | Get-MigrationUserStatistics | Format-Table Identity, SyncedItemCount, SkippedItemCount, PercentageComplete

    Shows the progress of the users of a batch.
    .EXAMPLE
    (Get-MigrationUserStatistics terrya@contoso.edu -IncludeSkippedItems).SkippedItems | Format-Table Kind, FolderName, Subject, Failure

    Shows what was skipped, and why.
    .LINK
    https://learn.microsoft.com/powershell/module/exchangepowershell/get-migrationuserstatistics
    .LINK
    Get-MigrationUser
    .LINK
    about_ImapMigration
    #>
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseSingularNouns', '', Justification = 'named as in Exchange')]
    [CmdletBinding(PositionalBinding = $false)]
    [OutputType('ImapMigration.Output.MigrationUserStatistics')]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline)] [ArgumentCompleter({ param($command, $parameter, $word) & (Get-Module ImapMigration)[0] { Complete-Identity @args } $command $parameter $word })] [object] $Identity,
        [Parameter()] [switch] $IncludeReport,
        [Parameter()] [switch] $IncludeSkippedItems,
        [Parameter()] [ValidateRange(0, [int]::MaxValue)] [int] $LimitSkippedItemsTo,
        [Parameter()] [switch] $Diagnostic,
        [Parameter()] [string] $DiagnosticArgument,
        [Parameter()] [string] $DiagnosticInfo,
        [Parameter()] [string] $DomainController,
        [Parameter()] [switch] $IncludeCopilotReport,
        [Parameter()] [string] $Partition,
        [Parameter()] [switch] $SkipSubscription
    )

    begin {
        . Use-CallerPreference $PSCmdlet
        Write-Ignored $PSCmdlet 'Diagnostic', 'DiagnosticArgument', 'DiagnosticInfo', 'DomainController', 'IncludeCopilotReport', 'Partition', 'SkipSubscription'
        # Users that come through the pipeline are asked for together: the first at once, then twice as many each time, and those that
        # came so far when the next one takes long.
        $together, $most = 1, 128
        $waiting = [Collections.Generic.List[string]]::new()
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $limit = [int]::MaxValue
        if ($PSBoundParameters.ContainsKey('LimitSkippedItemsTo')) { $limit = $LimitSkippedItemsTo }
    }

    process {
        if ($Identity.psobject.TypeNames[0] -eq 'ImapMigration.MigrationUser') {
            # Get-IdentityList would find the same, in ten times the time.
            $users = "$($Identity.Guid)"
        } else {
            $users = Get-IdentityList $PSCmdlet 'user' $Identity
        }
        foreach ($user in $users) {
            if ($user.IndexOfAny([char[]]'*?') -ge 0) {
                foreach ($view in Read-Selection $PSCmdlet 'user' @{} $user 'Unlimited') { $waiting.Add($view.Guid) }
            } else {
                $waiting.Add($user)
            }
            while ($waiting.Count -ge $together -or ($waiting.Count -and $watch.ElapsedMilliseconds -gt 500)) {
                $part = $waiting.GetRange(0, [math]::Min($waiting.Count, $together))
                $waiting.RemoveRange(0, $part.Count)
                $together = [math]::Min($together * 2, $most)
                Read-UserStatistics $PSCmdlet $part ([bool]$IncludeReport) ([bool]$IncludeSkippedItems) $limit
                $watch.Restart()
            }
        }
    }

    end {
        if ($waiting.Count) { Read-UserStatistics $PSCmdlet $waiting ([bool]$IncludeReport) ([bool]$IncludeSkippedItems) $limit }
    }
}
