# Where the cmdlets differ from the public reference of Exchange Online, and why (see Conformance.Tests.ps1).
@{
    # Types of Exchange's own assemblies, and what stands for them here.
    Types       = @{
        AuthenticationMethod          = @{ Type = 'string'; Why = 'A ValidateSet with the same words.' }
        DatabaseIdParameter           = @{ Type = 'string'; Why = 'There are no databases; the name is accepted and has no effect.' }
        ExTimeZoneValue               = @{ Type = 'string'; Why = 'The name of a time zone.' }
        ExchangeConnectionSettings    = @{ Type = 'object'; Why = 'There are no such settings here; whatever is passed has no effect.' }
        Fqdn                          = @{ Type = 'string'; Why = 'The engine checks host names.' }
        GmailForwardingDisposition    = @{ Type = 'string'; Why = 'Accepted for compatibility; has no effect.' }
        IMAPSecurityMechanism         = @{ Type = 'string'; Why = 'A ValidateSet with the same words.' }
        MailboxIdParameter            = @{ Type = 'string'; Why = 'An e-mail address, or accepted for compatibility.' }
        MigrationBatchIdParameter     = @{ Type = 'object'; Why = 'Names, Guids, objects and their Identity are all taken.' }
        MigrationBatchStatus          = @{ Type = 'string'; Why = 'A ValidateSet with the same words.' }
        MigrationEndpointIdParameter  = @{ Type = 'object'; Why = 'Names, Guids, objects and their Identity are all taken.' }
        MigrationFeature              = @{ Type = 'string'; Why = 'A ValidateSet with the same words.' }
        MigrationMailboxPermission    = @{ Type = 'string'; Why = 'A ValidateSet with the same words.' }
        MigrationReportIdParameter    = @{ Type = 'object'; Why = 'Names, addresses, Guids, objects and their Identity are all taken.' }
        MigrationType                 = @{ Type = 'string'; Why = 'A ValidateSet with the same words.' }
        MigrationUserIdParameter      = @{ Type = 'object'; Why = 'Addresses, Guids, objects and their Identity are all taken.' }
        MigrationUserStatus           = @{ Type = 'string'; Why = 'A ValidateSet with the same words.' }
        MigrationUserStatusSummary    = @{ Type = 'string'; Why = 'A ValidateSet with the same words.' }
        MigrationWorkflowControlFlags = @{ Type = 'string'; Why = 'A ValidateSet with the same words.' }
        MultiValuedProperty           = @{ Type = 'string[]'; Why = 'A list of strings.' }
        'SkippableMigrationSteps[]'   = @{ Type = 'string[]'; Why = 'A ValidateSet with the same words.' }
        SmtpAddress                   = @{ Type = 'string'; Why = 'The engine checks addresses.' }
        Unlimited                     = @{ Type = 'string'; Why = 'A number or the word Unlimited.' }
    }
    Differences = @{
        'Get-MigrationBatch BatchesByEndpoint missing'                              = 'One set with -Endpoint does for both: PowerShell could not choose between two.'
        'Get-MigrationBatch BatchesFromEndpoint Endpoint additionally mandatory'    = 'It is what selects the set.'
        'Get-MigrationBatch BatchesFromEndpoint DiagnosticInfo additionally'        = 'From BatchesByEndpoint, which is in this set.'
        'Get-MigrationBatch BatchesFromEndpoint Partition additionally'             = 'From BatchesByEndpoint, which is in this set.'
        'Get-MigrationBatch BatchesFromEndpoint ResultSize additionally'            = 'From BatchesByEndpoint, which is in this set.'
        'Get-MigrationEndpoint TypeFilter Type additionally accepts *'              = 'The types of endpoints that only ImapMigration has.'
        'New-MigrationBatch * TargetEndpoint additionally'                          = 'Mail goes to the endpoint of choice, not to one tenant.'
        'New-MigrationBatch * BadItemLimit additionally'                            = 'Scripts for Exchange Server pass it; accepted for compatibility.'
        'New-MigrationBatch * LargeItemLimit additionally'                          = 'Scripts for Exchange Server pass it; accepted for compatibility.'
        'New-MigrationBatch OtherType additionally'                                 = 'Takes the switches of other migration types, so that they get one clear error.'
        'New-MigrationEndpoint Maildir additionally'                                = 'A local store can be an endpoint.'
        'New-MigrationEndpoint Microsoft365 additionally'                           = 'Microsoft 365 is reached from outside, as an endpoint.'
        'New-MigrationEndpoint IMAP ApplicationId additionally'                     = 'An IMAP endpoint can sign in by OAuth.'
        'New-MigrationEndpoint IMAP Authority additionally'                         = 'An IMAP endpoint can sign in by OAuth.'
        'New-MigrationEndpoint IMAP CertificateFile additionally'                   = 'An IMAP endpoint can sign in by OAuth.'
        'New-MigrationEndpoint IMAP CertificatePassword additionally'               = 'An IMAP endpoint can sign in by OAuth.'
        'New-MigrationEndpoint IMAP ClientSecret additionally'                      = 'An IMAP endpoint can sign in by OAuth.'
        'New-MigrationEndpoint IMAP Scope additionally'                             = 'An IMAP endpoint can sign in by OAuth.'
        'New-MigrationEndpoint IMAP TenantId additionally'                          = 'An IMAP endpoint can sign in by OAuth.'
        'New-MigrationEndpoint IMAP Credentials additionally'                       = 'A target is signed in to by an administrator.'
        'New-MigrationEndpoint IMAP LoginFormat additionally'                       = 'A target is signed in to by an administrator.'
        'New-MigrationEndpoint IMAP TestMailbox additionally'                       = 'A sign-in by an administrator is tried on a mailbox.'
        'New-MigrationEndpoint OtherType additionally'                              = 'Takes the switches of other migration types, so that they get one clear error.'
        'Set-MigrationConfig (Default) TargetEndpoint additionally'                 = 'The target of batches that name none.'
        'Set-MigrationEndpoint (Default) CertificateFile additionally'              = 'The application can be changed.'
        'Set-MigrationEndpoint (Default) CertificatePassword additionally'          = 'The application can be changed.'
        'Set-MigrationEndpoint (Default) ClientSecret additionally'                 = 'The application can be changed.'
        'Set-MigrationEndpoint (Default) Credentials additionally alias Credential' = 'The name that PowerShell recommends.'
        'Set-MigrationEndpoint (Default) LoginFormat additionally'                  = 'A target is signed in to by an administrator.'
        'Set-MigrationEndpoint (Default) TenantId additionally'                     = 'The application can be changed.'
        'Test-MigrationServerAvailability OtherType additionally'                   = 'Takes the switches of other migration types, so that they get one clear error.'
        'Test-MigrationServerAvailability TestEndpoint TestMailbox additionally'    = 'A sign-in by an administrator is tried on a mailbox.'
        '* CSVData type Byte`[`], here System.Object'                               = 'Text and rows are taken too; an error of conversion would print the passwords in them.'
        'New-MigrationBatch PreexistingUsers missing'                               = 'Preexisting does for both: PowerShell could not choose between two.'
        'New-MigrationBatch Preexisting* additionally'                              = 'What another set of the cmdlet takes is taken here too.'
        'New-MigrationBatch Analysis * additionally'                                = 'What another set of the cmdlet takes is taken here too.'
        'New-MigrationBatch Preexisting* not position 1'                            = 'A word without a parameter gets one clear error.'
        'New-MigrationBatch PreexistingUserIds UserIds not pipeline'                = 'Addresses and Guids from the pipeline are taken by -Users.'
        'New-MigrationBatch Preexisting* type MultiValuedProperty*'                 = 'Users are taken as objects, addresses or Guids.'
    }
}
