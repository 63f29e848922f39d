function ConvertTo-ServerTestResult {
    # What a test of a server found, as Exchange shows it.
    [CmdletBinding()]
    [OutputType('ImapMigration.ServerTestResult')]
    param(
        [Parameter(Mandatory)] [psobject] $View
    )

    [pscustomobject][ordered]@{
        PSTypeName         = 'ImapMigration.ServerTestResult'
        Result             = New-EnumLabel $View.Result
        Message            = $View.Message
        ConnectionSettings = $null
        SupportsCutover    = [bool]$View.SupportsCutover
        ErrorDetail        = $View.ErrorDetail
        IsValid            = $true
        Identity           = ''
        ObjectState        = New-EnumLabel 'New'
    }
}
