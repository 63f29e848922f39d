function Test-Row($Text) {
    # Whether a text is a row, a line or the whole of a CSV file. It may hold a password, so no error repeats it.
    $Text -match '^@\{|[\r\n]|@[^,;\t]*[,;\t].*[,;\t]'
}
