function ConvertTo-SkippedItem {
    # An item that was left out or altered, as Exchange lists skipped items, then what we add.
    [OutputType('ImapMigration.SkippedItem')]
    param(
        [Parameter(Mandatory, ValueFromPipeline)] $View
    )

    process {
        [pscustomobject]@{
            PSTypeName             = 'ImapMigration.SkippedItem'
            Kind                   = New-EnumLabel $View.Kind
            FolderName             = $View.FolderName
            Sender                 = $View.Sender
            Recipient              = $View.Recipient
            Subject                = $View.Subject
            MessageSize            = [long]$View.MessageSize
            DateSent               = ConvertFrom-UnixTime $View.DateSentUnixMs
            DateReceived           = ConvertFrom-UnixTime $View.DateReceivedUnixMs
            ScoringClassifications = $null
            IsValid                = $true
            Failure                = $View.Failure
            LeftOut                = [bool]$View.LeftOut
            Uid                    = $View.Uid
            KeptFile               = $View.KeptFile
        }
    }
}
