function Register-IdentityCompleter {
    # Tab completion of the names of endpoints, batches and users. In few calls, as every import waits for them.
    $complete = { param($command, $parameter, $word) Complete-Identity $command $parameter $word }
    $identities = 'Get-MigrationBatch', 'Set-MigrationBatch', 'Start-MigrationBatch', 'Stop-MigrationBatch', 'Remove-MigrationBatch', 'Wait-MigrationBatch',
    'Get-MigrationUser', 'Get-MigrationUserStatistics', 'Get-MigrationEndpoint', 'Set-MigrationEndpoint', 'Remove-MigrationEndpoint'
    $endpoints = 'Get-MigrationBatch', 'New-MigrationBatch', 'Set-MigrationConfig', 'Test-MigrationServerAvailability'
    Register-ArgumentCompleter -CommandName $identities -ParameterName Identity -ScriptBlock $complete
    Register-ArgumentCompleter -CommandName Get-MigrationUser -ParameterName BatchId -ScriptBlock $complete
    foreach ($parameter in 'Endpoint', 'SourceEndpoint', 'TargetEndpoint') {
        Register-ArgumentCompleter -CommandName $endpoints -ParameterName $parameter -ScriptBlock $complete
    }
}
