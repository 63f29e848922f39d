# The examples of the help, one cmdlet after the other as people work, each as it stands: servers, files and questions are replaced.

BeforeDiscovery {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
    $missing = -not (Test-Library)
    $order = 'Test-MigrationServerAvailability', 'New-MigrationEndpoint', 'Get-MigrationEndpoint', 'Set-MigrationEndpoint', 'Set-MigrationConfig', 'Get-MigrationConfig',
    'New-MigrationBatch', 'Wait-MigrationBatch', 'Get-MigrationBatch', 'Get-MigrationUser', 'Get-MigrationUserStatistics', 'Get-MigrationStatistics', 'Export-MigrationReport',
    'Confirm-MigrationBatch', 'Get-MigrationBatchConfirmation',
    'Set-MigrationBatch', 'Stop-MigrationBatch', 'Start-MigrationBatch', 'Stop-MigrationUser', 'Get-MoveRequest', 'Start-MigrationUser', 'Set-MigrationUser', 'Complete-MigrationBatch',
    'Remove-MigrationUser', 'Remove-MigrationBatch', 'Remove-MigrationEndpoint'
    # The first example of an endpoint's test comes before there is an endpoint, the others after.
    $examples = foreach ($name in $order) {
        foreach ($example in (Get-Help $name -Full).Examples.Example) { @{ Name = $name; Code = $example.Code } }
    }
    $examples = @($examples | Where-Object { $_.Name -ne 'Test-MigrationServerAvailability' -or $_.Code -match '-IMAP' }) +
    @($examples | Where-Object { $_.Name -eq 'Test-MigrationServerAvailability' -and $_.Code -notmatch '-IMAP' })
    $last = @($examples | Where-Object { $_.Name -like 'Remove-*' })
    $examples = @($examples | Where-Object { $_.Name -notlike 'Remove-*' }) + $last
    $known = (Get-Command -Module ImapMigration).Name
}

BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
    if (Test-Library) {
        $restore = Use-StateFolder
        $server = Start-SampleServer
        $remote, $port = $server.Address
        $people = 'terrya@contoso.edu,terry.adams,1091990', 'annb@contoso.edu,ann.beebe,2111991', 'paulc@contoso.edu,paul.cannon,3281986', 'again@contoso.edu,paul.cannon,3281986', 'trial@contoso.edu,terry.adams,1091990'
        foreach ($number in 1..5) { [IO.File]::WriteAllLines("$TestDrive/IMAPmigration_$number.csv", [string[]]('EmailAddress,UserName,Password', $people[$number - 1])) }
        Push-Location $TestDrive
        function ConvertTo-Local {
            # The example with the sample server, files of the test, and answers in the place of questions.
            param([string] $Code)

            $Code = $Code -replace '-Microsoft365 -Name Tenant.*$', "-IMAP -Name Tenant -RemoteServer $remote -Port $port -Security None" -replace '(-RemoteServer) \S+(?! -Port $port)', "`$1 $remote"
            $Code = $Code -replace '-Port \d+', "-Port $port" -replace '-Security (Ssl|Tls)', '-Security None' -replace '(-RemoteServer \S+)(?= -Credentials)', "`$1 -Port $port -Security None"
            $Code = $Code.Replace('C:\Users\Administrator\Desktop\', "$TestDrive/") -replace '\$secret = Read-Host -AsSecureString', '$secret = $null'
            $Code -replace '\(Get-Credential mailadmin\)', '([pscredential]::new(''mailadmin'', (ConvertTo-SecureString x -AsPlainText -Force)))' -replace '(-TargetEndpoint) Tenant', '$1 Local'
        }
    }
}

AfterAll {
    if (Test-Library) {
        Pop-Location
        Get-MigrationBatch -ErrorAction SilentlyContinue | Remove-MigrationBatch -Confirm:$false
        & $server.Stop
        & $restore
    }
}

Describe 'The examples of the help' -Skip:$missing {
    It 'has every cmdlet in its order' {
        (@($examples.Name) | Sort-Object -Unique) | Should -Be (@($known) | Sort-Object -Unique)
    } -ForEach @{ examples = $examples; known = $known }

    It '<Name>: <Code>' -ForEach $examples {
        $ConfirmPreference = 'None'
        if ($Name -eq 'Remove-MigrationEndpoint') { Get-MigrationBatch | Remove-MigrationBatch; $null = Wait-Until { -not (Get-MigrationBatch) } }

        # A sync that an earlier example asked for may begin only now; people look again then.
        foreach ($attempt in 1..5) {
            $null = Wait-Until { -not (Get-MigrationUser | Where-Object { "$($_.Status)" -match 'ing$|Queued' -and "$($_.BatchId)" -ne 'IMAPBatch2' }) }
            $records = @(& { $ErrorActionPreference = 'Continue'; & ([scriptblock]::Create((ConvertTo-Local $Code))) } 2>&1 | Where-Object { $_ -is [Management.Automation.ErrorRecord] })
            if (-not ($records | Where-Object { $_.FullyQualifiedErrorId -like 'MigrationUserNotSyncedException,*' })) { break }
        }

        $records | Should -BeNullOrEmpty
    }
}
