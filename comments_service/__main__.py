from comments_service.cli import main

main(prog_name="comments-service")
