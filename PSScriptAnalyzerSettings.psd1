@{
    # Every rule of PSScriptAnalyzer but those named below, and the layout rules that are off unless asked for.
    IncludeDefaultRules = $true
    ExcludeRules        = @(
        # Exchange's parameters that have no meaning here are accepted and not read.
        'PSReviewUnusedParameter'
        # A helper of the module takes its few arguments by position, as everywhere in the module.
        'PSAvoidUsingPositionalParameters'
        # It does not follow a cmdlet to Invoke-OnTarget, which asks for it; the tests look at -WhatIf and -Confirm of each cmdlet.
        'PSShouldProcess'
        # It does not understand a list that is returned whole (, $bytes), nor objects of several types.
        'PSUseOutputTypeCorrectly'
    )
    Rules               = @{
        PSUseCompatibleSyntax      = @{ Enable = $true; TargetVersions = @('5.1', '7.2') }
        PSUseConsistentIndentation = @{ Enable = $true; Kind = 'space'; IndentationSize = 4; PipelineIndentation = 'IncreaseIndentationForFirstPipeline' }
        PSUseConsistentWhitespace  = @{ Enable = $true; CheckOpenBrace = $true; CheckOpenParen = $true; CheckOperator = $false; CheckSeparator = $true; CheckInnerBrace = $true; CheckPipe = $true }
        PSPlaceOpenBrace           = @{ Enable = $true; OnSameLine = $true; NewLineAfter = $false }
        PSPlaceCloseBrace          = @{ Enable = $true; NewLineAfter = $false }
        PSUseCorrectCasing         = @{ Enable = $true }
        PSAvoidSemicolonsAsLineTerminators = @{ Enable = $true }
    }
}
