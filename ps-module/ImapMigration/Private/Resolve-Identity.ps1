function Resolve-Identity($Value, $Wanted) {
    # The name or Guid behind a value of -Identity: a name, a Guid, an object of a cmdlet, its Identity, or a row of a CSV file.
    # Objects lead to the Guid, so that two users with one address are not confused. What cannot be one is returned as an error
    # record, which never repeats the value: a row holds a password.
    if ($Value -is [string]) {
        $guid = $Value.psobject.Properties['Guid']
        if ($guid -and $guid.Value) { return "$($guid.Value)" }
        if (Test-Row $Value) {
            return New-UsageError 'The value looks like a line of a CSV file. Read the file with Import-Csv and pipe its rows, or name one identity.'
        }
        return "$Value"
    }
    if ($null -eq $Value) { return }
    if ($Value -is [ValueType]) { return "$Value" }
    $properties = $Value.psobject.Properties
    if ($Wanted) {
        $kind = Get-ObjectKind $Value
        if ($kind -and $kind -ne $Wanted) { return New-KindError $Wanted $kind $properties['Identity'].Value }
    }
    foreach ($name in 'BatchGuid', 'Guid') {
        # Other objects of Exchange have a Guid of their own.
        if ($properties[$name] -and $properties[$name].Value -and -not $properties['PrimarySmtpAddress']) { return "$($properties[$name].Value)" }
    }
    $names = 'Identity', 'Name'
    if ($Wanted -eq 'user') { $names = 'Identity', 'EmailAddress', 'PrimarySmtpAddress' }
    if ($properties['PrimarySmtpAddress']) { $names = 'PrimarySmtpAddress', 'Identity' }
    foreach ($name in $names) {
        if (-not $properties[$name] -or $null -eq $properties[$name].Value) { continue }
        if ($properties[$name].Value -is [string] -or $properties[$name].Value -is [ValueType]) { return Resolve-Identity $properties[$name].Value }
        if ($name -eq 'Identity') { return Resolve-Identity $properties[$name].Value $Wanted }
        return "$($properties[$name].Value)"
    }
    if (-not $Wanted) { $Wanted = 'batch' }
    $getter = @{ batch = 'Get-MigrationBatch'; user = 'Get-MigrationUser'; endpoint = 'Get-MigrationEndpoint' }[$Wanted]
    New-UsageError "A value of type $($Value.GetType().Name) names no migration $Wanted. Pass a name, a Guid, or an object that $getter returned."
}
