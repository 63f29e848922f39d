function Register-IdentityCompleter {
    # Tab completion of the names of endpoints, batches and users.
    [CmdletBinding()]
    param()

    $endpoint = { param($command, $parameter, $word) Complete-Identity 'Get-MigrationEndpoint' $word }
    # Local is a target and is not listed.
    $target = { param($command, $parameter, $word) Complete-Identity 'Get-MigrationEndpoint' $word 'Local' }
    $batch = { param($command, $parameter, $word) Complete-Identity 'Get-MigrationBatch' $word }
    $user = { param($command, $parameter, $word) Complete-Identity 'Get-MigrationUser' $word }

    $batches = 'Get-MigrationBatch', 'Set-MigrationBatch', 'Start-MigrationBatch', 'Stop-MigrationBatch', 'Remove-MigrationBatch', 'Wait-MigrationBatch'
    Register-ArgumentCompleter -CommandName $batches -ParameterName Identity -ScriptBlock $batch
    Register-ArgumentCompleter -CommandName Get-MigrationUser -ParameterName BatchId -ScriptBlock $batch
    $users = 'Get-MigrationUser', 'Get-MigrationUserStatistics'
    Register-ArgumentCompleter -CommandName $users -ParameterName Identity -ScriptBlock $user
    $endpoints = 'Get-MigrationEndpoint', 'Set-MigrationEndpoint', 'Remove-MigrationEndpoint'
    Register-ArgumentCompleter -CommandName $endpoints -ParameterName Identity -ScriptBlock $endpoint
    Register-ArgumentCompleter -CommandName Get-MigrationBatch, Test-MigrationServerAvailability -ParameterName Endpoint -ScriptBlock $endpoint
    Register-ArgumentCompleter -CommandName New-MigrationBatch -ParameterName SourceEndpoint -ScriptBlock $endpoint
    Register-ArgumentCompleter -CommandName New-MigrationBatch, Set-MigrationConfig -ParameterName TargetEndpoint -ScriptBlock $target
}
