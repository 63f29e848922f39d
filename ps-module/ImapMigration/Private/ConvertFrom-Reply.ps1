function ConvertFrom-Reply {
    # JSON to object. Names that look like dates stay strings where PowerShell can be told so (7.5 and later).
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [AllowEmptyString()] [string] $Json
    )

    if ($PSVersionTable.PSVersion -ge [version]'7.5') {
        $Json | ConvertFrom-Json -DateKind String
    } else {
        $Json | ConvertFrom-Json
    }
}
