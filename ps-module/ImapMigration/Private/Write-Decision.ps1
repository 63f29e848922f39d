function Write-Decision($Text) {
    # Says with -Verbose what was decided. Not by the cmdlet's WriteVerbose, which asks a question after each line with -Debug.
    if ($VerbosePreference -ne 'SilentlyContinue') { Write-Verbose $Text }
}
