// Shows the description of this installation's own API; nothing is loaded from elsewhere.
SwaggerUIBundle({
    url: "/api/v1/openapi.json",
    dom_id: "#description",
    deepLinking: true,
    validatorUrl: null,
});
