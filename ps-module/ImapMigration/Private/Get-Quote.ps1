function Get-Quote($Value) {
    # A given word as an error repeats it; of a row or of a long text no more than its length.
    $text = "$Value"
    if ($text.Length -gt 100 -or (Test-Row $text)) { $text = "<$($text.Length) characters>" }
    """$text"""
}
