# Every parameter of the reference at once, for each parameter set of each cmdlet, as scripts splat them: tests/fixtures/exchange-parameters.csv
# lists them. Nothing is refused, and -Verbose names each parameter that has no effect.

BeforeDiscovery {
    $sets = Import-Csv ([IO.Path]::Combine($PSScriptRoot, '..', 'fixtures', 'exchange-parameters.csv')) | Group-Object Cmdlet, Set
    $cases = foreach ($set in $sets) { @{ Cmdlet = $set.Group[0].Cmdlet; Set = $set.Group[0].Set; Rows = $set.Group } }
}

BeforeAll {
    . ([IO.Path]::Combine($PSScriptRoot, 'Shared.ps1'))
    Import-ModuleUnderTest
    # Values that mean something to us; everything else gets one of its type, or the first word of its list.
    $values = @{
        Identity = 'IMAPBatch1'; Endpoint = 'IMAPEndpoint'; SourceEndpoint = 'IMAPEndpoint'; BatchId = 'IMAPBatch1'; Name = 'IMAPBatch1'; TimeZone = 'UTC'
        CSVData = [Text.Encoding]::UTF8.GetBytes("EmailAddress,UserName,Password`r`nterrya@contoso.edu,terry.adams,1091990`r`n"); Port = 993
        Users = 'terrya@contoso.edu'; UserIds = 'terrya@contoso.edu'; EmailAddress = 'terrya@contoso.edu'; TestMailbox = 'terrya@contoso.edu'
        RemoteServer = 'imap.contoso.com'; NotificationEmails = 'admin@contoso.edu'; ResultSize = 'Unlimited'; Confirm = $false; WhatIf = $false
    }
    $ofType = @{
        SwitchParameter = $true; String = 'word'; Int32 = 2; Boolean = $true; 'Byte[]' = [byte[]](1, 2); DateTime = [datetime]'2030-01-02'; Guid = [guid]::NewGuid()
        TimeSpan = [timespan]'1.00:00:00'; CultureInfo = [cultureinfo]'de-DE'; Unlimited = '5'; MultiValuedProperty = @('a', 'b')
        PSCredential = [pscredential]::new('admin', [securestring]::new())
    }

    $answers = Get-NativeAnswer
    Mock -ModuleName ImapMigration Invoke-Native { param($Cmdlet, $Function) $answers[$Function] }.GetNewClosure()

    function Get-Splat {
        # A value for each parameter.
        param([object[]] $Row)

        $splat = @{}
        foreach ($one in $Row) {
            $value = $values[$one.Parameter]
            if ($null -eq $value) { $value = $ofType[$one.Type] }
            if ($null -eq $value -and $one.Values) { $value = $one.Values.Split(' ')[0] }
            if ($null -eq $value) { $value = 'word' }
            if ($one.Type -eq 'Stream') { $value = [IO.MemoryStream]::new() }
            $splat[$one.Parameter] = $value
        }
        $splat
    }
}

Describe '<Cmdlet> with everything of its set <Set>' -ForEach $cases {
    BeforeAll {
        $splat = Get-Splat $Rows
        $output = & $Cmdlet @splat -Verbose -ErrorVariable failures 4>&1 2>$null
        $said = @($output | Where-Object { $_ -is [Management.Automation.VerboseRecord] } | ForEach-Object { $_.Message })
        $help = (Get-Command $Cmdlet).ScriptBlock.Ast.GetHelpContent().Parameters
    }

    It 'is accepted' {
        "$failures" | Should -BeNullOrEmpty
    }

    It 'says of each parameter that has no effect that it has none' {
        $without = $splat.Keys | Where-Object { $help[$_.ToUpperInvariant()] -like 'Accepted for compatibility with Exchange Online; has no effect*' }

        $expected = @($without | ForEach-Object { "-$_ is accepted for compatibility with Exchange Online and has no effect." } | Sort-Object)
        @($said -like '*has no effect.' | Sort-Object) | Should -Be $expected
    }
}
