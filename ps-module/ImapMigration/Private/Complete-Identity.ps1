function Complete-Identity {
    # Tab completion: the values that fit a parameter and begin with what was typed. The command's name may have a prefix that
    # Import-Module was asked for. ArgumentCompleter attributes call this, so that an import registers nothing.
    [CmdletBinding()]
    [OutputType([Management.Automation.CompletionResult])]
    param(
        [Parameter(Mandatory)] [string] $Command,
        [Parameter(Mandatory)] [string] $Parameter,
        [Parameter(Mandatory)] [AllowEmptyString()] [string] $Word
    )

    $quiet = @{ ErrorAction = 'Ignore'; WarningAction = 'Ignore'; Verbose = $false }
    if ($Parameter -eq 'TimeZone') {
        $names = @([TimeZoneInfo]::GetSystemTimeZones() | ForEach-Object { $_.Id })
    } elseif ($Parameter -like '*Folders') {
        $names = '#Archive#', '#Calendar#', '#Contacts#', '#DeletedItems#', '#Drafts#', '#Inbox#', '#Journal#', '#JunkEmail#', '#Notes#', '#Outbox#', '#SentItems#', '#Tasks#'
    } elseif ($Parameter -like '*Endpoint' -or $Command -like '*MigrationEndpoint') {
        $names = @(Get-MigrationEndpoint @quiet | ForEach-Object { "$($_.Identity)" })
        # Local is a target and is not listed.
        if ($Parameter -eq 'TargetEndpoint') { $names += 'Local' }
    } elseif ($Command -like '*MigrationUser*' -and $Parameter -eq 'Identity') {
        $names = @(Get-MigrationUser -ResultSize Unlimited @quiet | ForEach-Object { "$($_.Identity)" })
    } else {
        $names = @(Get-MigrationBatch -ResultSize Unlimited @quiet | ForEach-Object { "$($_.Identity)" })
    }

    # PowerShell takes the typographic quotation marks for quotation marks as well, and doubled ones for one.
    $typed = $Word
    $single = -join ([char]0x27, [char]0x2018, [char]0x2019, [char]0x201a, [char]0x201b)
    $double = -join ([char]0x22, [char]0x201c, [char]0x201d, [char]0x201e)
    foreach ($marks in $single, $double) {
        if (-not $typed -or $marks.IndexOf($typed[0]) -lt 0) { continue }
        $typed = $typed.Substring(1) -replace "(?<![$marks])[$marks]`$" -replace "[$marks]([$marks])", '$1'
        break
    }
    foreach ($name in $names | Sort-Object -Unique) {
        if (-not $name.StartsWith($typed, [StringComparison]::OrdinalIgnoreCase)) { continue }
        $text = $name
        # What begins like a number would become one.
        if ($name -match '[^\w.@-]|^[\d.@+-]') { $text = "'$([Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($name))'" }
        [Management.Automation.CompletionResult]::new($text, $name, 'ParameterValue', $name)
    }
}
