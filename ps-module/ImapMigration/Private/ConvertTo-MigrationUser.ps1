function ConvertTo-MigrationUser {
    # A user of the library as Exchange shows one: its properties, in its order, then ours.
    [OutputType('ImapMigration.MigrationUser')]
    param(
        [Parameter(Mandatory, ValueFromPipeline)] $View
    )

    process {
        $user = Get-UserProperty $View
        $user.Insert(0, 'PSTypeName', 'ImapMigration.MigrationUser')
        [pscustomobject]$user
    }
}
