function Read-Selection($Cmdlet, $Wanted, $Request, $Value, $ResultSize) {
    # Lists the things that -Identity names: all without it, else one or several, each by name, Guid, object or a pattern with * and ?.
    $function = "${Wanted}_list"
    $property = @{ batch = 'Batches'; user = 'Users'; endpoint = 'Endpoints' }[$Wanted]
    if ($null -eq $Value) { return Read-Page $Cmdlet $function $property $Request $ResultSize }
    foreach ($identity in Get-IdentityList $Cmdlet $Wanted $Value) {
        if ($identity.IndexOfAny([char[]]'*?') -ge 0) {
            $Request.Remove('Identity')
            Read-Page $Cmdlet $function $property $Request $ResultSize $identity
            continue
        }
        $Request.Identity = $identity
        Read-Page $Cmdlet $function $property $Request $ResultSize
    }
}
