BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
}

Describe 'Get-MigrationConfig' {
    BeforeAll {
        $view = Get-ConfigView
        Mock -ModuleName ImapMigration Invoke-Native { $view }.GetNewClosure()
    }

    It 'shows the properties of Exchange in its order, then ours' {
        $names = (Get-MigrationConfig).psobject.Properties.Name

        $names | Should -Be @(
            'Identity', 'MaxNumberOfBatches', 'MaxConcurrentMigrations', 'Features', 'CanSubmitNewBatch', 'HasBatches', 'SupportsCutover', 'PartitionGuid',
            'PartitionName', 'IsDefaultPartition', 'EndpointCount', 'SGMProperties', 'IsValid', 'ObjectState', 'TargetEndpoint', 'StateDirectory', 'Worker',
            'WorkerHeartbeatUTC')
    }

    It 'prints its features as Exchange does' {
        (Get-MigrationConfig | Select-Object Identity, Features, IsValid).Features | Should -Be 'MultiBatch, Endpoints'
    }
}
