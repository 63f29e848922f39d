function ConvertFrom-Reply($Json) {
    # JSON to object. ConvertFrom-Json would load its module first, which costs more than everything else in a first call, so on
    # PowerShell 7 the method behind it is called. Strings that look like dates must stay strings; 7.5 and later can be told so.
    if (-not $script:IsCore) { return $Json | ConvertFrom-Json }
    if ($Json -match '"\d{4}-\d\d-\d\dT' -and $PSVersionTable.PSVersion -ge [version]'7.5') { return $Json | ConvertFrom-Json -DateKind String }
    if ($null -eq $script:JsonReader) {
        $script:JsonReader = [Reflection.Assembly]::Load('Microsoft.PowerShell.Commands.Utility').GetType('Microsoft.PowerShell.Commands.JsonObject')
    }
    $failure = $null
    $script:JsonReader::ConvertFromJson($Json, [ref]$failure)
}
