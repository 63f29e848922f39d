# What the tests share: the module under test, replies as the library gives them, and a state directory of the test's own.

function Import-ModuleUnderTest {
    # Imports the module that Invoke-Tests.ps1 names, else the sources.
    $path = $env:IMAPMIG_TEST_MODULE
    if (-not $path) { $path = [IO.Path]::Combine($PSScriptRoot, '..', '..', 'ps-module', 'ImapMigration') }
    $loaded = Get-Module ImapMigration
    if ($loaded -and $loaded.ModuleBase -ne (Resolve-Path $path).Path) { Remove-Module ImapMigration }
    Import-Module $path
}

function Use-StateFolder {
    # Lets the module work in a new state directory; the block given puts everything back. Not in TestDrive, which Pester clears
    # after each block.
    $before = $env:IMAPMIGRATION_HOME
    $folder = [IO.Path]::Combine([IO.Path]::GetTempPath(), "imapmig-test-$([guid]::NewGuid())")
    $env:IMAPMIGRATION_HOME = $folder
    { $env:IMAPMIGRATION_HOME = $before; if ([IO.Directory]::Exists($folder)) { [IO.Directory]::Delete($folder, $true) } }.GetNewClosure()
}

function Test-Library {
    # Whether the module finds its library; what needs it is left out otherwise.
    & (Get-Module ImapMigration) { [IO.File]::Exists((Get-LibraryPath)) }
}

function Get-PowerShell {
    # This PowerShell's own program, for fresh processes. Installed as a tool of .NET, it runs inside dotnet.
    $program = (Get-Process -Id $PID).Path
    if ([IO.Path]::GetFileNameWithoutExtension($program) -ne 'dotnet') { return $program }
    (Get-Command pwsh -CommandType Application -ErrorAction Stop | Select-Object -First 1).Source
}

function Invoke-Session {
    # What somebody sees who types these lines at the prompt of a PowerShell of their own: one text for each prompt, which begins
    # with the line itself. Questions read their answers from the next line, as they do at a keyboard.
    param([string[]] $Line)

    $program = Get-PowerShell
    $start = "Import-Module '$((Get-Module ImapMigration).ModuleBase)'; function prompt { 'PS> ' }"
    $before = $env:NO_COLOR, $env:TERM
    $env:NO_COLOR, $env:TERM = '1', 'dumb'
    try { $shown = $Line | & $program -NoLogo -NoProfile -NoExit -Command $start 2>&1 } finally { $env:NO_COLOR, $env:TERM = $before }
    # Before the first prompt there is nothing, and after the last one nobody typed anything.
    ($shown -join "`n") -split '(?m)^PS> ' | Where-Object { $_.Trim() }
}

function Wait-Until {
    # Waits for something that the worker does, two minutes at most, and returns whether it was done.
    param([scriptblock] $Condition)

    $watch = [Diagnostics.Stopwatch]::StartNew()
    while ($watch.Elapsed.TotalSeconds -lt 120) {
        if (& $Condition) { return $true }
        Start-Sleep -Milliseconds 200
    }
    $false
}

function Start-SampleServer {
    # The demo's mail server with its three mailboxes: Address (host, port), and Stop.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'for tests')]
    param()

    $folder = [IO.Path]::GetDirectoryName((& (Get-Module ImapMigration) { Get-LibraryPath }))
    $program = [IO.Path]::Combine($folder, (& (Get-Module ImapMigration) { $null = Get-LibraryPath; $script:WorkerName }))
    $start = [Diagnostics.ProcessStartInfo]::new($program, 'demo --serve')
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.UseShellExecute = $false
    $process = [Diagnostics.Process]::Start($start)
    $stop = { $process.StandardInput.Close(); if (-not $process.WaitForExit(5000)) { $process.Kill() } }.GetNewClosure()
    [pscustomobject]@{ Address = "$($process.StandardOutput.ReadLine())".Split(':'); Stop = $stop }
}

function Get-View {
    # Defaults with some properties changed, as objects read from JSON.
    param([Collections.IDictionary] $Defaults, [Collections.IDictionary] $With)

    foreach ($name in $With.Keys) {
        if (-not $Defaults.Contains($name)) { throw "no property $name" }
        $Defaults[$name] = $With[$name]
    }
    $Defaults | ConvertTo-Json -Depth 5 | ConvertFrom-Json
}

function Get-BatchView {
    # A batch as imapmig_batch_list gives it.
    param([Collections.IDictionary] $With = @{})

    Get-View $With -Defaults ([ordered]@{
        Identity = 'IMAPBatch1'; BatchGuid = '11111111-1111-4111-8111-111111111111'; Status = 'Synced'; State = 'Active'
        DataConsistencyScore = 'Perfect'; TotalCount = 3; ActiveCount = 0; StoppedCount = 0; SyncedCount = 2; FailedCount = 1; PendingCount = 0; FinalizedCount = 0
        ValidationWarnings = @(); Message = $null; CreationUnixMs = 1700000000000; StartUnixMs = 1700000001000
        InitialSyncUnixMs = 1700000061000; InitialSyncDurationMs = 60000; LastSyncedUnixMs = $null; FinalizedUnixMs = $null; StartAfterUnixMs = $null
        CompleteAfterUnixMs = $null; ExpirationUnixMs = $null; SubmittedByUser = 'admin'; NotificationEmails = @(); ExcludeFolders = @(); IncludeFolders = @()
        SourceEndpoint = 'IMAPEndpoint'; TargetEndpoint = 'Local'; AllowIncrementalSyncs = $true; ReportIntervalMs = $null; TimeZone = 'UTC'
        TotalItems = 4000; SyncedItems = 3980; SkippedItems = 2; BytesTransferred = 30551458399; Reports = @()
    })
}

function Get-ConfirmationView {
    # A confirmation as imapmig_batch_confirmation gives it.
    param([Collections.IDictionary] $With = @{})

    $view = [ordered]@{
        Identity = 'IMAPBatch1'; BatchGuid = '11111111-1111-4111-8111-111111111111'; Status = 'Ended'; IsAtRest = $true; Result = 'Complete'; Bytes = $false
        IsOutdated = $false; RequestedUnixMs = 1700000000000; EndedUnixMs = 1700000061000; TotalCount = 3; EndedCount = 3; ComparedItemCount = 4000; ExpectedItemCount = 4000
        SourceItemCount = 4000; TargetItemCount = 4000; MatchedItemCount = 4000; MissingItemCount = 0; DoubledItemCount = 0; AlteredItemCount = 0
        ReportedItemCount = 0; ForeignItemCount = 0; AddedFlagCount = 0; Users = @(); Findings = @()
    }
    # Only there when there are more findings.
    if ($With.Contains('NextFindings')) { $view.NextFindings = $null }
    Get-View $With -Defaults $view
}

function Get-FindingView {
    # A finding of a confirmation.
    param([Collections.IDictionary] $With = @{})

    Get-View $With -Defaults ([ordered]@{
        Identity = 'terrya@contoso.edu'; Kind = 'Missing'; IsException = $false; FolderName = 'INBOX'; TargetFolderName = 'INBOX'; Uid = 5; TargetId = $null
        Subject = 'Minutes'; MessageId = '<a@b>'; MessageSize = 1000; DateReceivedUnixMs = 1700000000000; Details = 'the target does not have the message'; Explanation = $null
    })
}

function Get-EndpointView {
    # An endpoint as imapmig_endpoint_list gives it.
    param([Collections.IDictionary] $With = @{})

    Get-View $With -Defaults ([ordered]@{
        Identity = 'IMAPEndpoint'; Guid = '22222222-2222-4222-8222-222222222222'; EndpointType = 'IMAP'; RemoteServer = 'imap.contoso.com'
        Port = 993; Security = 'Ssl'; Authentication = 'Basic'; AcceptUntrustedCertificates = $false; MaxConcurrentMigrations = 20
        MaxConcurrentIncrementalSyncs = 10; ActiveMigrationCount = 0; ActiveIncrementalSyncCount = 0; AdministratorUserName = $null
        LoginFormat = $null; Oauth = $null; Path = $null; TestMailbox = $null; CreationUnixMs = 1700000000000; LastModifiedUnixMs = 1700000000000
    })
}

function Get-UserView {
    # A user as imapmig_user_list gives it.
    param([Collections.IDictionary] $With = @{})

    Get-View (Get-UserDefault) $With
}

function Get-StatisticsView {
    # A user's numbers as imapmig_user_statistics gives them.
    param([Collections.IDictionary] $With = @{})

    $defaults = Get-UserDefault
    $more = [ordered]@{
        TotalItemsInSourceMailboxCount = 4000; EstimatedTotalTransferBytes = 30551458399; BytesTransferred = 1536; PercentageComplete = 99
        AdoptedItemCount = 0; VerifiedItemCount = 3; ComparedItemCount = 1; NotVerifiedItemCount = 0; AverageBytesTransferredPerHour = $null; CurrentBytesTransferredPerMinute = $null
        QueuedMs = 1000; InProgressMs = 2000; SyncedMs = 3000; Error = $null; LastFailureUnixMs = $null; LastUpdatedUnixMs = $null; InitialSeedingCompletedUnixMs = $null
        ErrorUnixMs = $null; ErrorCode = $null; ErrorType = $null; ErrorSide = $null; ErrorHash = $null; ErrorHelpUrl = $null; SkippedItems = @(); Report = @(); TargetPath = '/mail/terrya@contoso.edu/Maildir'
    }
    foreach ($entry in $more.GetEnumerator()) { $defaults.Add($entry.Key, $entry.Value) }
    Get-View $defaults $With
}

function Get-UserDefault {
    # What a user and its numbers have in common.
    [ordered]@{
        Identity = 'terrya@contoso.edu'; Guid = '33333333-3333-4333-8333-333333333333'; BatchId = 'IMAPBatch1'
        BatchGuid = '11111111-1111-4111-8111-111111111111'; EmailAddress = 'terrya@contoso.edu'; UserName = 'terry.adams'; Status = 'Synced'
        StatusSummary = 'Synced'; State = 'Active'; ErrorSummary = $null; Waiting = $null; SkippedItemCount = 2; SyncedItemCount = 3980
        LastSuccessfulSyncUnixMs = 1700000061000; DataConsistencyScore = 'Good'
    }
}

function Get-ConfigView {
    # The settings as imapmig_config_get gives them.
    param([Collections.IDictionary] $With = @{})

    Get-View $With -Defaults ([ordered]@{
        Identity = 'ImapMigration'; MaxNumberOfBatches = 100; MaxConcurrentMigrations = 300; Features = @('MultiBatch', 'Endpoints')
        CanSubmitNewBatch = $true; HasBatches = $true; EndpointCount = 1; TargetEndpoint = 'Local'; StateDirectory = '/state'; Worker = $null
        WorkerHeartbeatUnixMs = $null
    })
}

function Get-NativeAnswer {
    # What Invoke-Native returns for each function of the library where there is one batch, one user and one endpoint.
    param([Collections.IDictionary] $Batch = @{})

    $view, $user, $endpoint, $config = (Get-BatchView $Batch), (Get-StatisticsView), (Get-EndpointView), (Get-ConfigView)
    @{
        batch_list = [pscustomobject]@{ Batches = @($view) }; batch_create = $view; batch_update = $view
        user_list = [pscustomobject]@{ Users = @($user) }; user_statistics = $user
        user_statistics_list = [pscustomobject]@{ Results = @([pscustomobject]@{ Identity = $user.Guid; Statistics = $user; Error = $null }) }
        endpoint_list = [pscustomobject]@{ Endpoints = @($endpoint) }; endpoint_create = $endpoint; endpoint_update = $endpoint
        config_get = $config; config_set = $config
        statistics = [pscustomobject]@{ TotalCount = 0; ActiveCount = 0; StoppedCount = 0; SyncedCount = 0; FinalizedCount = 0; FailedCount = 0; PendingCount = 0 }
        server_test = [pscustomobject]@{ Result = 'Success'; Message = ''; SupportsCutover = $true; ErrorDetail = ''; Steps = @() }
    }
}
