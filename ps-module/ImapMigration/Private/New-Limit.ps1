function New-Limit {
    # A limit as Exchange's Unlimited type: a number with IsUnlimited and Value, or the word Unlimited; $null for none.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'makes an object')]
    param($Value)

    if ($null -eq $Value) { return $null }
    if ("$Value" -eq 'Unlimited') { return New-Label 'Unlimited' ([ordered]@{ IsUnlimited = $true; Value = $null }) }
    $limit = [psobject]::AsPSObject([int]$Value)
    $limit.psobject.TypeNames.Insert(0, 'ImapMigration.Unlimited')
    $limit
}
