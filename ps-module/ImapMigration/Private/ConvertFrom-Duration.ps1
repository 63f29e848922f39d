function ConvertFrom-Duration {
    # A duration of the library as a TimeSpan.
    [CmdletBinding()]
    [OutputType([timespan])]
    param(
        [Parameter(Mandatory)] [AllowNull()] [object] $Milliseconds
    )

    if ($null -ne $Milliseconds) { [timespan]::FromMilliseconds($Milliseconds) }
}
