function ConvertFrom-Duration($Milliseconds) {
    # A duration of the library as a TimeSpan; $null for none.
    if ($null -eq $Milliseconds) { return $null }
    [timespan]::FromMilliseconds($Milliseconds)
}
