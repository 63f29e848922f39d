function Add-SignIn {
    # Adds to a request how an endpoint signs in: the administrator's credentials or the application's. Writes an error and returns
    # $false when the certificate cannot be read.
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(Mandatory)] [Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory)] [Collections.IDictionary] $Request,
        [Parameter(Mandatory)] [Collections.IDictionary] $Given
    )

    foreach ($name in 'LoginFormat', 'TenantId', 'ApplicationId', 'ClientSecret', 'CertificatePassword', 'Authority', 'Scope', 'TestMailbox') {
        if ($Given.ContainsKey($name)) { $Request[$name] = $Given[$name] }
    }
    if ($Given.ContainsKey('Credentials') -and $null -ne $Given.Credentials) {
        $Request.AdministratorUserName = $Given.Credentials.UserName
        $Request.AdministratorPassword = $Given.Credentials.Password
    }
    if (-not $Given.ContainsKey('CertificateFile')) { return $true }
    $certificate = Read-Certificate $Cmdlet $Given.CertificateFile
    $Request.CertificateBase64 = $certificate
    $null -ne $certificate
}
