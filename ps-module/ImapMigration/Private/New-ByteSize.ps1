function New-ByteSize {
    # A size as Exchange prints it, "28.45 GB (30,551,458,399 bytes)". ToBytes(), ToKB(), ToMB() and ToGB() come from
    # ImapMigration.Types.ps1xml; $null for none.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'makes an object')]
    param($Bytes)

    if ($null -eq $Bytes) { return $null }
    $english = [Globalization.CultureInfo]::InvariantCulture
    $amount, $unit = [double]$Bytes, 'B'
    foreach ($next in 'KB', 'MB', 'GB', 'TB') {
        if ($amount -lt 1024) { break }
        $amount, $unit = ($amount / 1024), $next
    }
    $number = $amount.ToString('G4', $english)
    # Four digits are not enough for 1,023.9 and some.
    if ($amount -ge 1000) { $number = [math]::Floor($amount).ToString($english) }
    $size = [psobject]::new("$number $unit ($(([uint64]$Bytes).ToString('N0', $english)) bytes)")
    $size.psobject.TypeNames.Insert(0, 'ImapMigration.ByteQuantifiedSize')
    $size.psobject.Properties.Add([psnoteproperty]::new('Bytes', [uint64]$Bytes), $true)
    $size
}
