function New-ChoiceError {
    # The error for a cmdlet without -Identity where there is nothing to act on, or more than one thing.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'makes an object')]
    [CmdletBinding()]
    [OutputType([Management.Automation.ErrorRecord])]
    param(
        [Parameter(Mandatory)] [string] $Wanted,
        [Parameter(Mandatory)] [AllowEmptyCollection()] [object[]] $Found,
        # Whether there may be more than those that were found.
        [Parameter()] [bool] $First
    )

    if (-not $Found) {
        return New-NativeErrorRecord ([pscustomobject]@{
            Code = 'ManagementObjectNotFoundException'; Category = 'ObjectNotFound'; Retryable = $false; Target = ''
            Message = "There is no migration $Wanted that this could be done to."
        })
    }
    $names = @(foreach ($view in $Found) { """$($view.Identity)""" })
    if ($names.Count -gt 10) {
        $more = "and $($names.Count - 10) more"
        if ($First) { $more = 'and more' }
        $names = $names[0..9] + $more
    }
    New-UsageError "There are several. Name the migration $Wanted with -Identity: $($names -join ', ')."
}
