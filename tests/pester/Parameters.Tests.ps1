BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
}

Describe 'Parameters that belong to other migration types' {
    It '<Line> ends with one clear sentence' -ForEach @(
        @{ Line = 'New-MigrationEndpoint -Gmail -Name x -ServiceAccountKeyFileData 1,2 -EmailAddress a@contoso.com' }
        @{ Line = 'New-MigrationEndpoint -ExchangeRemoteMove -Name x -Autodiscover -EmailAddress a@contoso.com' }
        @{ Line = 'Test-MigrationServerAvailability -ExchangeOutlookAnywhere -EmailAddress a@contoso.com' }
        @{ Line = 'New-MigrationBatch -Local -Name x -CSVData 1,2 -TargetDatabases y' }
    ) {
        { & ([scriptblock]::Create("$Line -ErrorAction Stop")) } | Should -Throw '*belongs to a migration type other than IMAP*' -ErrorId 'InvalidParameter,*'
    }

    It 'a misspelled parameter is still an error of its own' {
        { New-MigrationEndpoint -IMAP -Name x -RemoteServer y -Prot 993 } | Should -Throw "*parameter name 'Prot'*"
    }
}

Describe 'Wrong values' {
    It '<Line> names what is allowed' -ForEach @(
        @{ Line = 'New-MigrationEndpoint -IMAP -Name x -RemoteServer y -Security Starttls'; Wanted = '*None,Ssl,Tls*' }
        @{ Line = 'Get-MigrationBatch -Status Done'; Wanted = '*Synced,SyncedWithErrors*' }
        @{ Line = 'Get-MigrationUser -StatusSummary Done'; Wanted = '*Active,Completed,Failed,Stopped,Synced*' }
        @{ Line = 'New-MigrationEndpoint -IMAP -Name x -RemoteServer y -MaxConcurrentMigrations many'; Wanted = '*"many"*neither a number nor the word Unlimited*' }
        @{ Line = 'Get-MigrationBatch -ResultSize -1'; Wanted = '*neither a number nor the word Unlimited*' }
        @{ Line = 'New-MigrationEndpoint -IMAP -Name x -RemoteServer y -Port 70000'; Wanted = '*65535*' }
        @{ Line = 'New-MigrationEndpoint -IMAP -Name x -RemoteServer y -Authentication Ntlm'; Wanted = '*Ntlm is not used with IMAP*Basic*OAuth*' }
        @{ Line = 'New-MigrationBatch -Name x -CSVData "C:\users.csv"'; Wanted = '*CSVData*' }
        @{ Line = 'New-MigrationBatch -Name x -CSVData 1 -TimeZone Nowhere'; Wanted = '*no time zone "Nowhere"*' }
        @{ Line = 'Set-MigrationBatch x -AddUsers'; Wanted = '*-AddUsers and -CSVData go together*' }
        @{ Line = 'Remove-MigrationBatch -Identity $null -Confirm:$false'; Wanted = '*-Identity is empty*' }
        @{ Line = 'Wait-MigrationBatch ""'; Wanted = '*-Identity is empty*' }
        @{ Line = 'Test-MigrationServerAvailability IMAPEndpoint'; Wanted = 'There is no parameter for "IMAPEndpoint". Use -IMAP or -Endpoint.' }
        @{ Line = 'New-MigrationBatch IMAPBatch1 IMAPEndpoint'; Wanted = 'There is no parameter for "IMAPBatch1". Use -Name with -CSVData, -Users or -UserIds.' }
        @{ Line = 'New-MigrationEndpoint -Microsoft365 -Name x -TenantId t -ApplicationId a -CertificateFile ./none.pfx'; Wanted = '*none.pfx cannot be read*' }
    ) {
        { & ([scriptblock]::Create("$Line -ErrorAction Stop")) } | Should -Throw $Wanted
    }
}
