export * from "@/ui/visible";
