# What Get-Command says of the cmdlets, beside the public reference of Exchange Online: tests/fixtures/exchange-parameters.csv has
# a row for each parameter of each set. Every difference stands in Differences.psd1 with its reason; one that is not there fails,
# and so does an entry that no difference needs any more.

BeforeDiscovery {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
    $reference = Import-Csv ([IO.Path]::Combine($PSScriptRoot, '..', 'fixtures', 'exchange-parameters.csv')) | Group-Object Cmdlet
    $cases = foreach ($group in $reference) { @{ Cmdlet = $group.Name; Rows = $group.Group } }
}

BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
    $known = Import-PowerShellDataFile ([IO.Path]::Combine($PSScriptRoot, 'Differences.psd1'))
    $common = [Management.Automation.PSCmdlet]::CommonParameters
    $used = @{}
    $types = @{
        SwitchParameter = [switch]; String = [string]; Int32 = [int]; Boolean = [bool]; 'Byte[]' = [byte[]]; DateTime = [datetime]; Guid = [guid]
        TimeSpan = [timespan]; CultureInfo = [cultureinfo]; PSCredential = [pscredential]; Stream = [IO.Stream]
    }

    function Find-Difference {
        # What is different and not known to be: the lines that no entry of the list matches.
        param([string[]] $Line)

        foreach ($found in $Line) {
            $entry = $known.Differences.Keys | Where-Object { $found -like $_ } | Select-Object -First 1
            if ($entry) { $used[$entry] = $true } else { $found }
        }
    }

    function Get-Trait {
        # Mandatory, position, pipeline and aliases of a parameter in a set, in the words of the reference.
        param([Management.Automation.CommandParameterInfo] $Parameter)

        if ($Parameter.IsMandatory) { 'mandatory' }
        if ($Parameter.Position -ge 0) { "position $($Parameter.Position + 1)" }
        if ($Parameter.ValueFromPipeline) { 'pipeline' }
        foreach ($alias in $Parameter.Aliases) { "alias $alias" }
    }

    function Compare-Parameter {
        # The differences of one parameter in one set, a line each.
        param([psobject] $Row, [Management.Automation.CommandParameterInfo] $Parameter)

        $place = "$($Row.Cmdlet) $($Row.Set) $($Row.Parameter)"
        if ($null -eq $Parameter) { return "$place missing" }
        $type = $types[$Row.Type]
        if ($null -eq $type) {
            $type = [type]$known.Types[$Row.Type].Type
            $used["type $($Row.Type)"] = $true
        }
        if ($Parameter.ParameterType -ne $type) { "$place type $($Row.Type), here $($Parameter.ParameterType)" }
        $wanted = @($Row.Traits -split '; ' | Where-Object { $_ -and $_ -ne 'on-premises' })
        $here = @(Get-Trait $Parameter)
        foreach ($trait in $wanted) { if ($here -notcontains $trait) { "$place not $trait" } }
        foreach ($trait in $here) { if ($wanted -notcontains $trait) { "$place additionally $trait" } }
        $allowed = ($Parameter.Attributes | Where-Object { $_ -is [ValidateSet] }).ValidValues
        if ($null -eq $allowed) { return }
        foreach ($value in $Row.Values.Split(' ', [StringSplitOptions]::RemoveEmptyEntries)) { if ($allowed -notcontains $value) { "$place refuses $value" } }
        if (-not $Row.Values) { return }
        foreach ($value in $allowed) { if ($Row.Values.Split(' ') -notcontains $value) { "$place additionally accepts $value" } }
    }
}

Describe '<Cmdlet>, as the reference of Exchange Online has it' -ForEach $cases {
    BeforeAll {
        $command = Get-Command $Cmdlet -Module ImapMigration -ErrorAction Ignore
        $sets = @{}
        foreach ($set in $command.ParameterSets) { $sets[$set.Name.Replace('__AllParameterSets', '(Default)')] = $set }
        $wanted = $Rows | Group-Object Set
    }

    It 'exists' {
        Find-Difference $(if ($null -eq $command) { "$Cmdlet missing" }) | Should -BeNullOrEmpty
    }

    It 'has its parameter sets' {
        $lines = @(foreach ($set in $wanted) { if ($command -and -not $sets.ContainsKey($set.Name)) { "$Cmdlet $($set.Name) missing" } })
        $lines += foreach ($set in $sets.Keys) { if ($wanted.Name -notcontains $set) { "$Cmdlet $set additionally" } }

        Find-Difference $lines | Should -BeNullOrEmpty
    }

    It 'has its parameters, with type, position, aliases, and whether they are mandatory and taken from the pipeline' {
        $lines = @(foreach ($row in $Rows) {
            if (-not $sets.ContainsKey($row.Set)) { continue }
            Compare-Parameter $row ($sets[$row.Set].Parameters | Where-Object Name -EQ $row.Parameter)
        })
        $lines += foreach ($set in $wanted) {
            if (-not $sets.ContainsKey($set.Name)) { continue }
            foreach ($parameter in $sets[$set.Name].Parameters) {
                if ($set.Group.Parameter -notcontains $parameter.Name -and $common -notcontains $parameter.Name) { "$Cmdlet $($set.Name) $($parameter.Name) additionally" }
            }
        }

        Find-Difference $lines | Should -BeNullOrEmpty
    }
}

Describe 'The list of differences' {
    It 'gives a reason for every one' {
        foreach ($reason in $known.Differences.Values + $known.Types.Values.Why) { $reason | Should -Match '^[A-Z].*\.$' }
    }

    It 'has no entry that no difference needs' {
        $all = @($known.Differences.Keys) + @($known.Types.Keys | ForEach-Object { "type $_" })

        $all | Where-Object { -not $used.ContainsKey($_) } | Should -BeNullOrEmpty
    }
}
