function Get-ProcessStore {
    # What is kept for the process, not for this import of the module: the functions of each library, the engine of each state
    # directory. .NET cannot unload the one, and opening the other twice is of no use.
    if ($null -eq $script:ProcessStore) {
        $script:ProcessStore = [AppDomain]::CurrentDomain.GetData('ImapMigration')
        if ($null -eq $script:ProcessStore) {
            $script:ProcessStore = [hashtable]::Synchronized(@{})
            [AppDomain]::CurrentDomain.SetData('ImapMigration', $script:ProcessStore)
        }
    }
    $script:ProcessStore
}
