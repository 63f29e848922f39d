function New-ByteSize {
    # A size as Exchange prints it, "28.45 GB (30,551,458,399 bytes)", with ToBytes(), ToKB(), ToMB() and ToGB().
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'makes an object')]
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory)] [AllowNull()] [object] $Bytes
    )

    if ($null -eq $Bytes) { return }
    $english = [Globalization.CultureInfo]::InvariantCulture
    $amount, $unit = [double]$Bytes, 'B'
    foreach ($next in 'KB', 'MB', 'GB', 'TB') {
        if ($amount -lt 1024) { break }
        $amount, $unit = ($amount / 1024), $next
    }
    $text = '{0} {1} ({2} bytes)' -f $amount.ToString('G4', $english), $unit, ([uint64]$Bytes).ToString('N0', $english)
    $size = New-Label $text @{ Bytes = [uint64]$Bytes }
    $divisors = [ordered]@{ ToBytes = 1; ToKB = 1KB; ToMB = 1MB; ToGB = 1GB }
    foreach ($method in $divisors.GetEnumerator()) {
        $body = [scriptblock]::Create("[uint64][math]::Floor(`$this.Bytes / $($method.Value))")
        $size.psobject.Methods.Add([psscriptmethod]::new($method.Key, $body))
    }
    $size
}
